package hub

import "sync/atomic"

// numbers are what a hub counts of itself.
type numbers struct {
	pushes, slow, silent            atomic.Uint64
	tooMany, tooFast, whileDraining atomic.Uint64
	frames, bytes                   [kinds]atomic.Uint64
}

func (n *numbers) sent(f *frame, deflated bool) {
	n.frames[f.kind].Add(1)
	n.bytes[f.kind].Add(uint64(len(f.bytes(deflated))))
}

// Numbers are a hub's counts since it was made, but for Connections, which is of now.
type Numbers struct {
	Connections int
	// Pushes are new datafiles that were written to every page, or as good as: the pages that did not take them are gone.
	Pushes uint64
	// Slow and Silent are pages that were closed because they did not take what was written, or answered no ping.
	Slow, Silent uint64
	// Refused are the handshakes that were turned away, by reason.
	Refused map[string]uint64
	// Frames and Bytes are what was written, by kind of frame; bytes as they went over the line.
	Frames, Bytes map[string]uint64
}

// Numbers returns the counts so far.
func (h *Hub) Numbers() Numbers {
	n := &h.numbers
	out := Numbers{
		Connections: h.wheel.size(),
		Pushes:      n.pushes.Load(),
		Slow:        n.slow.Load(),
		Silent:      n.silent.Load(),
		Refused: map[string]uint64{
			"max-connections": n.tooMany.Load(), "handshake-rate": n.tooFast.Load(), "draining": n.whileDraining.Load(),
		},
		Frames: make(map[string]uint64),
		Bytes:  make(map[string]uint64),
	}
	for k, name := range kindNames {
		out.Frames[name], out.Bytes[name] = n.frames[k].Load(), n.bytes[k].Load()
	}
	return out
}
