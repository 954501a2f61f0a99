package eventlog

import (
	"errors"
	"os"
	"syscall"
)

// datasync returns when the file's content, and as much of its metadata as is
// needed to read it, is on disk. Against fsync it spares the write of the
// modification time.
func datasync(file *os.File) error {
	for {
		err := syscall.Fdatasync(int(file.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// maxReserve bounds what is left free on the disk for the database, whose
// cursors must move for anything to get off a disk that is full.
const maxReserve = 16 << 20

// roomFor returns ENOSPC unless n bytes fit on the disk of dir and a reserve
// stays free: 16 MiB, or a thirty-second of a small disk. A disk that does not
// tell its size has room.
func roomFor(dir string, n int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	unit := int64(disk.Bsize)                                   //nolint:unconvert // not on every architecture is it one
	reserve := min(maxReserve, int64(disk.Blocks)*unit/32)      //nolint:gosec // no disk has 2^63 bytes
	if disk.Blocks > 0 && int64(disk.Bavail)*unit < n+reserve { //nolint:gosec // as above
		return &os.PathError{Op: "write", Path: dir, Err: syscall.ENOSPC}
	}
	return nil
}
