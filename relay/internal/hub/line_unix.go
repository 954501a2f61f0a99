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
