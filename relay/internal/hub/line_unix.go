//go:build unix

package hub

import (
	"errors"
	"syscall"
)

// try writes what the kernel takes at once and never waits.
func (l *line) try(data []byte) (n int, err error) {
	if l.raw == nil {
		return 0, nil
	}
	raw := l.raw.Write(func(fd uintptr) bool {
		n, err = syscall.Write(int(fd), data)
		return true
	})
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return n, raw
}

// await waits until there is something to read, or reading fails. It needs less stack than a read through all the layers above, and
// so a page at rest costs half.
func (l *line) await() {
	if l.raw == nil || l.reader.Buffered() > 0 || len(l.first) > 0 {
		return
	}
	// The byte is read, not looked at: a connection that is at its end, or failed, is left to the next read.
	_ = l.raw.Read(func(fd uintptr) bool {
		var ahead [1]byte
		n, err := syscall.Read(int(fd), ahead[:])
		if n == 1 {
			l.first = ahead[:]
		}
		return err != syscall.EAGAIN //nolint:errorlint // a system call's error comes bare
	})
}
