package hub

import (
	"bytes"
	"testing"

	"github.com/gorilla/websocket"
)

// The least number of bytes must say how long a frame is (RFC 6455, section 5.2): some pages' clients close on others.
func TestAFrameSaysItsLengthInTheFewestBytes(t *testing.T) {
	for length, want := range map[int][]byte{
		0:         {0x82, 0},
		125:       {0x82, 125},
		126:       {0x82, 126, 0, 126},
		1<<16 - 1: {0x82, 126, 0xff, 0xff},
		1 << 16:   {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0},
	} {
		payload := bytes.Repeat([]byte("x"), length)
		if got := encode(websocket.BinaryMessage, 0, payload); !bytes.Equal(got, append(want, payload...)) {
			t.Errorf("%d bytes begin with % x, want % x", length, got[:min(len(got), 10)], want)
		}
	}
}
