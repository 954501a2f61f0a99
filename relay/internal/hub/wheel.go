package hub

import (
	"math/rand/v2"
	"sync"
)

// beats is how many groups pages are pinged in, one after the other, so that pings never come in one burst.
const beats = 64

// wheel holds the pages there are, each at a place by chance. Once in an interval it comes round to every page.
type wheel struct {
	mu     sync.Mutex
	places [beats]map[*page]struct{}
	count  int
	now    int
}

// add puts a page on the wheel, if that holds fewer than so many.
func (w *wheel) add(p *page, limit int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count >= limit {
		return false
	}
	p.beat = uint8(rand.N(beats))
	if w.places[p.beat] == nil {
		w.places[p.beat] = make(map[*page]struct{})
	}
	w.places[p.beat][p] = struct{}{}
	w.count++
	return true
}

func (w *wheel) remove(p *page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.places[p.beat], p)
	w.count--
}

func (w *wheel) size() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// turn goes on by one place and returns the pages there.
func (w *wheel) turn() []*page {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = (w.now + 1) % beats
	return appendPages(nil, w.places[w.now])
}

// all returns every page.
func (w *wheel) all() (pages []*page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, place := range w.places {
		pages = appendPages(pages, place)
	}
	return pages
}

func appendPages(pages []*page, place map[*page]struct{}) []*page {
	for p := range place {
		pages = append(pages, p)
	}
	return pages
}
