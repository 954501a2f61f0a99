package eventlog

import (
	"bytes"
	"errors"
	"io"
)

const (
	scanChunk  = 256 << 10
	scanRetain = 1 << 20 // a window grown beyond this for one large record is let go again
)

// scanner reads the records of one segment, up to an end before which
// everything was written. What is no valid record it passes over.
type scanner struct {
	file   io.ReaderAt
	offset int64 // of the next record
	end    int64

	window []byte // bytes of the file from start on
	start  int64
	plain  []byte // the last body that was packed, for its memory

	damaged func(offset, size int64) // is told what is passed over; may be nil
}

// next returns the next valid record, io.EOF when there is none. It is good
// until the next call.
func (s *scanner) next() (payload, error) {
	for s.offset < s.end {
		p, ok, err := s.record()
		if ok || err != nil {
			return p, err
		}
		blank, err := s.blank()
		if err == nil && !blank {
			err = s.passDamage()
		}
		if err != nil {
			return payload{}, err
		}
	}
	return payload{}, io.EOF
}

// record reads the record at offset and moves behind it, if there is a valid one.
func (s *scanner) record() (p payload, ok bool, err error) {
	header, err := s.fill(frameHeader)
	if len(header) < frameHeader || err != nil {
		return p, false, err
	}
	length, plausible := frameLength(header)
	size := frameHeader + length
	if !plausible || s.offset+int64(size) > s.end {
		return p, false, nil
	}
	frame, err := s.fill(size)
	if len(frame) < size || err != nil {
		return p, false, err
	}
	content, ok := openFrame(frame[:size])
	if !ok {
		return p, false, nil
	}
	if p, err = decodePayload(content); err == nil {
		s.plain, err = p.unpack(s.plain)
	}
	switch {
	case errors.Is(err, errPayload):
		return p, false, nil
	case err != nil:
		return p, false, err
	}
	s.offset += int64(size)
	return p, true, nil
}

// blank tells whether there are only zeros, which a writer writes ahead of its
// records, and then moves to the end.
func (s *scanner) blank() (bool, error) {
	from := s.offset
	for s.offset < s.end {
		b, err := s.fill(1)
		if err != nil || len(b) == 0 || len(bytes.TrimLeft(b, "\x00")) > 0 {
			s.offset = from
			return false, err
		}
		s.offset += int64(len(b))
	}
	return true, nil
}

// passDamage moves to the next valid record, or to the end. It looks for the
// mark that every payload starts with: its version byte cannot stand in JSON
// text, and the mark in no packed body, so a batch cannot pretend to be a record.
func (s *scanner) passDamage() error {
	from := s.offset
	for found := false; !found && s.offset < s.end; {
		s.offset++
		if err := s.seekMark(); err != nil {
			return err
		}
		candidate := s.offset
		_, valid, err := s.record()
		if err != nil {
			return err
		}
		found, s.offset = valid, candidate
	}
	if s.damaged != nil {
		s.damaged(from, s.offset-from)
	}
	return nil
}

// seekMark moves to the next place where a record may begin, or to the end.
func (s *scanner) seekMark() error {
	const size = frameHeader + len(recordMark) + 1
	for {
		b, err := s.fill(size)
		if err != nil {
			return err
		}
		if len(b) < size {
			s.offset = s.end
			return nil
		}
		i := bytes.Index(b[frameHeader:len(b)-1], []byte(recordMark))
		if i < 0 {
			s.offset += int64(len(b) - size + 1)
			continue
		}
		s.offset += int64(i)
		if version := b[i+size-1]; version == plainVersion || version == packedVersion {
			return nil
		}
		s.offset++
	}
}

// fill returns the window from offset on: at least n bytes, unless the end is
// nearer than that.
func (s *scanner) fill(n int) ([]byte, error) {
	if from := s.offset - s.start; from >= 0 && from+int64(n) <= int64(len(s.window)) {
		return s.window[from:], nil
	}
	size := min(int64(max(n, scanChunk)), s.end-s.offset)
	if int64(cap(s.window)) < size || cap(s.window) > scanRetain {
		s.window = make([]byte, size)
	}
	s.window, s.start = s.window[:size], s.offset
	got, err := s.file.ReadAt(s.window, s.offset)
	s.window = s.window[:got]
	if err == io.EOF { //nolint:errorlint // io.ReaderAt returns it bare; the file is shorter than it was
		err = nil
	}
	return s.window, err
}
