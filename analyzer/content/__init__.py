"""Reading the files of a package on the host, without ever running them: addresses, secrets, licences.

The reading is done by a process of its own (`__main__`), which `process.FileReader` starts and ends. Every byte that it meets is hostile.
"""
