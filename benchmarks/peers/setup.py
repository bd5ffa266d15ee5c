"""The environments of the other tools, made by one command: about 8 GB in edgebert's home.

Run: python -m benchmarks.peers.setup        (all of them; what is there stays, what fails is recorded and reported)
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.peers import environments
from edgebert import console
from edgebert.errors import EdgebertError
from edgebert.runtimes.setup import make


def main(*names: str) -> None:
    """Make environments.

    Args:
        names: which; all, where none is named. Each is named after the module that is tried in it.
    """
    for name in names or environments.names():
        environment = environments.environment(name)
        console.say(f"{name}:")
        try:
            make(environment, name)
        except EdgebertError as error:
            environments.record_failure(name, error.what)
            console.warn(f"{name} cannot be set up, and stays out of the comparison. {error.what}")
        else:
            environments.record_failure(name, None)
            console.say(f"  is set up in {environment.folder}.")


if __name__ == "__main__":
    script.run(main)
