"""Device profiles, one TOML file a device. None yet: what edgebert reports today is measured, on this machine."""
