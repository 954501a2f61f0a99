package eventlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"testing"
	"time"
)

func sampleFrame(body string) []byte {
	return appendFrame(nil, func(dst []byte) []byte {
		return AppendPayload(dst, Record{Received: time.UnixMilli(1), SDKKey: "key", ProjectID: "2002", Body: body}, []uint64{7, 8})
	})
}

// scan returns the bodies in content, and how many bytes were passed over.
func scan(tb testing.TB, content []byte) (bodies []string, passed int64) {
	tb.Helper()
	s := scanner{file: bytes.NewReader(content), end: int64(len(content)), damaged: func(offset, size int64) {
		if size <= 0 || offset < 0 || offset+size > int64(len(content)) {
			tb.Fatalf("damage of %d bytes at %d", size, offset)
		}
		passed += size
	}}
	for {
		p, err := s.next()
		if errors.Is(err, io.EOF) || errors.Is(err, errVersion) {
			return bodies, passed
		}
		if err != nil {
			tb.Fatal(err)
		}
		bodies = append(bodies, string(p.body))
	}
}

func TestAPayloadKeepsAllParts(t *testing.T) {
	p, err := decodePayload(sampleFrame("body")[frameHeader:])
	if err != nil {
		t.Fatal(err)
	}
	if string(p.sdkKey) != "key" || string(p.projectID) != "2002" || p.events() != 2 || p.id(1) != 8 ||
		string(p.body) != "body" || p.received.UnixMilli() != 1 {
		t.Errorf("payload: %+v", p)
	}
}

func TestARecordIsFoundBehindALotOfDamage(t *testing.T) {
	content := append(bytes.Repeat([]byte("EVT\x01 noise "), scanChunk/5), sampleFrame("found")...)
	if bodies, passed := scan(t, content); len(bodies) != 1 || bodies[0] != "found" || passed != int64(len(content)-len(sampleFrame("found"))) {
		t.Errorf("found %q, passed %d of %d bytes", bodies, passed, len(content))
	}
}

func TestWhatANewerRelayWroteIsNoDamage(t *testing.T) {
	record := sampleFrame("body")
	record[frameHeader+len(recordMark)] = packedVersion + 1
	binary.LittleEndian.PutUint32(record[4:], frameSum(record))
	s := scanner{file: bytes.NewReader(record), end: int64(len(record))}
	if _, err := s.next(); !errors.Is(err, errVersion) {
		t.Errorf("a record of version 3: %v", err)
	}

	header := headerBytes()
	header[8]++
	binary.LittleEndian.PutUint32(header[12:], crc32.Checksum(header[:12], castagnoli))
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/events", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(segmentPath(dir+"/events", 3), header, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, errVersion) {
		t.Errorf("open of a segment of version 2: %v", err)
	}
}

func TestASegmentIsGivenUpAfterAFailedSync(t *testing.T) {
	w := writer{dir: t.TempDir(), limit: 1 << 20, next: 1}
	t.Cleanup(func() { w.close() }) //nolint:errcheck // the folder goes with it
	mustWrite := func(data string, number uint32) {
		t.Helper()
		if written, err := w.write([]byte(data)); err != nil || written.number != number {
			t.Fatalf("write to segment %d: %v, want %d", written.number, err, number)
		}
	}
	fail := func(junk string) {
		t.Helper()
		if _, err := w.file.WriteAt([]byte(junk), w.size); err != nil {
			t.Fatal(err)
		}
		w.tainted, w.giveUp = true, true
	}
	mustWrite("one", 1)
	fail("junk that was never synced")
	mustWrite("two", 2)
	if content, err := os.ReadFile(segmentPath(w.dir, 1)); err != nil || string(content[segmentHeader:]) != "one" {
		t.Errorf("segment 1: %q, %v", content, err)
	}

	empty := writer{dir: t.TempDir(), limit: 1 << 20, next: 5}
	t.Cleanup(func() { empty.close() }) //nolint:errcheck // as above
	if err := empty.prepare(1); err != nil {
		t.Fatal(err)
	}
	empty.tainted, empty.giveUp = true, true
	if written, err := empty.write([]byte("x")); err != nil || written.number != 5 {
		t.Errorf("a segment that never held anything is not used again: %d, %v", written.number, err)
	}
}

func FuzzScanner(f *testing.F) {
	one, two := sampleFrame("one"), sampleFrame("two")
	f.Add([]byte{})
	f.Add(one)
	f.Add(slices.Concat(one, two))
	f.Add([]byte("\xff\xff\xff\x03....EVT\x01"))
	f.Fuzz(func(t *testing.T, content []byte) {
		bodies, passed := scan(t, content)
		if passed > int64(len(content)) {
			t.Fatalf("passed over %d of %d bytes", passed, len(content))
		}
		// A record behind anything is found, and nothing is lost for it.
		more, _ := scan(t, slices.Concat(content, sampleFrame("behind")))
		if len(more) > 0 && more[len(more)-1] == "behind" {
			return
		}
		mayBeNewer := bytes.Contains(content, []byte(recordMark)) // the record of a newer relay
		if len(bodies) == 0 && !mayBeNewer {
			t.Fatalf("the record behind %q is lost: %q", content, more)
		}
	})
}

func FuzzDecodePayload(f *testing.F) {
	f.Add(sampleFrame("body")[frameHeader:])
	f.Add([]byte("EVT\x01\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := decodePayload(content)
		if err == nil {
			_, err = p.unpack(nil)
		}
		if err != nil {
			return
		}
		var ids []uint64
		for i := range p.events() {
			ids = append(ids, p.id(i))
		}
		again := AppendPayload(nil, p.record(0), ids)
		if r, same, err := DecodePayload(again); err != nil || r.Body != string(p.body) || !slices.Equal(same, ids) {
			t.Fatalf("%x became %x: %v", content, again, err)
		}
	})
}
