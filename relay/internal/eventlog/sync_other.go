//go:build !linux

package eventlog

import "os"

// datasync returns when the file is on disk.
func datasync(file *os.File) error { return file.Sync() }
