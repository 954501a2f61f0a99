package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	segmentMagic   = "SORTEVTS"
	segmentVersion = 1
	segmentHeader  = 16
	segmentSuffix  = ".log"
)

// segment is a file of the log as its readers may see it.
type segment struct {
	number uint32
	size   int64     // up to here everything is on disk
	newest time.Time // when its last record was appended
}

func (s segment) end() Position { return position(s.number, s.size) }

func segmentPath(dir string, number uint32) string {
	return filepath.Join(dir, fmt.Sprintf("%010d%s", number, segmentSuffix))
}

// listSegments returns the numbers of the segments in dir, in order. Other
// files are none of its business.
func listSegments(dir string) ([]uint32, error) {
	entries, err := os.ReadDir(dir) // sorted by name, and so by number
	if err != nil {
		return nil, err
	}
	var numbers []uint32
	for _, entry := range entries {
		name, isSegment := strings.CutSuffix(entry.Name(), segmentSuffix)
		number, err := strconv.ParseUint(name, 10, 32)
		if isSegment && err == nil && len(name) == 10 {
			numbers = append(numbers, uint32(number))
		}
	}
	return numbers, nil
}

// inFile names the file that an error is about, unless that does so itself.
func inFile(path string, err error) error {
	var named *os.PathError
	if errors.As(err, &named) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

func headerBytes() []byte {
	header := binary.LittleEndian.AppendUint32([]byte(segmentMagic), segmentVersion)
	return binary.LittleEndian.AppendUint32(header, crc32.Checksum(header, castagnoli))
}

// checkHeader returns errVersion for the header of a newer version, and ok
// false for anything that is no header at all.
func checkHeader(header []byte) (ok bool, err error) {
	if len(header) < segmentHeader || string(header[:len(segmentMagic)]) != segmentMagic ||
		binary.LittleEndian.Uint32(header[12:]) != crc32.Checksum(header[:12], castagnoli) {
		return false, nil
	}
	if version := binary.LittleEndian.Uint32(header[8:]); version != segmentVersion {
		return false, fmt.Errorf("segment version %d: %w", version, errVersion)
	}
	return true, nil
}

// createSegment makes an empty segment whose name is on disk when it returns.
// Its header is not: the first sync of its content takes care of that.
func createSegment(dir string, number uint32) (*os.File, error) {
	path := segmentPath(dir, number)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(headerBytes())
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	return file, nil
}

// syncDir makes the names of the files in dir durable.
func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil // not every platform can sync a folder
	}
	return errors.Join(err, folder.Close())
}
