package hub

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// push follows one datafile on its way to every page that was connected when it came: it ends with the last write, or when the
// last page that did not take it is given up. A nil push follows nothing.
type push struct {
	open  atomic.Int64 // pages that are not written to yet
	ended func()
}

func (p *push) add() { p.open.Add(1) }

func (p *push) done() {
	if p != nil && p.open.Add(-1) == 0 {
		p.ended()
	}
}

// newPush begins a push. It counts as one of its pages until whoever began it is done.
func (h *Hub) newPush(announced time.Time) *push {
	p := &push{ended: func() {
		h.numbers.pushes.Add(1)
		if !announced.IsZero() {
			h.o.ObservePush(time.Since(announced))
		}
	}}
	p.add()
	return p
}

// deliver empties the mailboxes of some pages on as many goroutines as there are processors. It waits for no page.
func deliver(pages []*page) {
	const batch = 64
	var next atomic.Int64
	work := func() {
		for {
			from := int(next.Add(batch)) - batch
			if from >= len(pages) {
				return
			}
			for _, p := range pages[from:min(from+batch, len(pages))] {
				p.empty()
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)-1, len(pages)/batch) {
		workers.Go(work)
	}
	work()
	workers.Wait()
}
