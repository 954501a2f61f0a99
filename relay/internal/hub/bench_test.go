package hub_test

import (
	"runtime"
	"testing"

	"sortition/relay/internal/hub"
)

// BenchmarkPublish times a push of 500 bytes until the last of 200 pages has it.
func BenchmarkPublish(b *testing.B) {
	h, url := MustServe(b, hub.Options{})
	h.Publish(revision(0, hashOne))
	heard := make(chan struct{}, 200)
	for range cap(heard) {
		conn := MustDial(b, url)
		MustSay(b, conn, hello("null"))
		MustHear(b, conn)
		go func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
				heard <- struct{}{}
			}
		}()
	}
	for n := 0; b.Loop(); n++ {
		h.Publish(hub.Update{SDKKey: "demo", Revision: "1", Hash: hashTwo, Datafile: make([]byte, 500)})
		for range cap(heard) {
			<-heard
		}
	}
}

// BenchmarkIdlePage reports the memory of one page that has been greeted, its client's side included.
func BenchmarkIdlePage(b *testing.B) {
	h, url := MustServe(b, hub.Options{})
	h.Publish(revision(0, hashOne))
	before := heapAndStacks()
	for b.Loop() {
		conn := MustDial(b, url)
		MustSay(b, conn, hello("null"))
		MustHear(b, conn)
	}
	b.ReportMetric(float64(heapAndStacks()-before)/float64(b.N), "bytes/page")
}

func heapAndStacks() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
