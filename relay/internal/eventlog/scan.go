package eventlog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Scan calls visit with every record of the log in dir, in order, and returns
// how many bytes were damaged and passed over. It only reads, and may do so
// while a relay writes there: it sees what is there when it comes to it, and
// what is torn at the end it takes for damage.
func Scan(dir string, visit func(Record) error) (damaged int64, err error) {
	dir = filepath.Join(dir, "events")
	numbers, err := listSegments(dir)
	if err != nil {
		return 0, fmt.Errorf("read event log: %w", err)
	}
	for _, number := range numbers {
		bytes, err := scanSegment(segmentPath(dir, number), number, visit)
		damaged += bytes
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // else it was let go meanwhile
			return damaged, err
		}
	}
	return damaged, nil
}

func scanSegment(path string, number uint32, visit func(Record) error) (damaged int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("read event log: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("read event log: %w", err)
	}
	s := scanner{file: file, offset: segmentHeader, end: info.Size(), damaged: func(_, size int64) { damaged += size }}
	for {
		p, err := s.next()
		if errors.Is(err, io.EOF) {
			return damaged, nil
		}
		if err != nil {
			return damaged, inFile(path, err)
		}
		if err := visit(p.record(position(number, s.offset))); err != nil {
			return damaged, err
		}
	}
}
