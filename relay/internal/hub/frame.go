package hub

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"sync"

	"github.com/gorilla/websocket"
)

// kind is what a frame is counted as.
type kind int

const (
	kindDatafile kind = iota
	kindDelta
	kindNotice
	kindCurrent
	kindProblem
	kindResults
	kindChanges
	kindDrain
	kindControl // pings, pongs and close frames
	kinds
)

var kindNames = [kinds]string{typeDatafile, typeDelta, typeNotice, typeCurrent, typeProblem, typeResults, typeChanges, typeDrain, "control"}

// compressFrom is the size from which a message is worth inflating at the other end.
const compressFrom = 512

// frame is one message as it goes over the line, made once for all pages that get it.
type frame struct {
	kind     kind
	plain    []byte
	deflated func() []byte // made when the first page asks for it that can inflate
}

func newFrame(k kind, opcode int, message []byte) *frame {
	f := &frame{kind: k, plain: encode(opcode, 0, message)}
	f.deflated = func() []byte { return f.plain }
	if len(message) >= compressFrom {
		f.deflated = sync.OnceValue(func() []byte { return encode(opcode, rsv1, deflate(message)) })
	}
	return f
}

// bytes are the frame's for a page.
func (f *frame) bytes(deflates bool) []byte {
	if deflates {
		return f.deflated()
	}
	return f.plain
}

// Bits of a websocket frame's first two bytes (RFC 6455, section 5.2).
const (
	fin    = 0x80
	rsv1   = 0x40 // the message is deflated (RFC 7692)
	masked = 0x80 // as all frames of pages are
)

// encode makes an unmasked, unfragmented frame, as servers send them.
func encode(opcode, flags int, payload []byte) []byte {
	frame := make([]byte, 0, len(payload)+10)
	frame = append(frame, byte(fin|flags|opcode))
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 127), uint64(n))
	}
	return append(frame, payload...)
}

// deflate compresses a message on its own (no context takeover), without the four bytes at its end that every message has.
func deflate(message []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, 6)
	if err != nil {
		panic(err) // there is a level 6
	}
	_, _ = w.Write(message) // a bytes.Buffer takes everything
	_ = w.Flush()
	return bytes.TrimSuffix(out.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// control makes a control frame, whose payload has at most 125 bytes.
func control(opcode int, payload []byte) *frame { return newFrame(kindControl, opcode, payload) }

var pingFrame = control(websocket.PingMessage, nil)
