"""One file a method: what it needs of student and teacher, and its loss. The method's name is the file's.

Such a file has `NEEDS`, the `Outputs` it uses, and `loss(student, teacher, batch, options, kind)`.
"""
