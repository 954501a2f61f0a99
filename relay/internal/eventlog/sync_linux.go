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
