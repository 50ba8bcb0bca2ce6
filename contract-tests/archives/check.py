"""Reads a ZIP with Python's zipfile: every CRC, the names and their order, modes and timestamps."""
import sys
import zipfile

path = sys.argv[1]
with open(path + '.names', 'rb') as file:
    names = file.read().decode().split('\0')[:-1]
with zipfile.ZipFile(path) as archive:
    assert archive.namelist() == names, 'names differ'
    for info in archive.infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0), info
        assert info.external_attr >> 16 == 0o100644, info
        assert info.compress_type == zipfile.ZIP_STORED and info.create_system == 3, info
    assert archive.testzip() is None, 'a CRC differs'
print(len(names))
