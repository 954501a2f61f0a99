package eventlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

const benchWriters = 64

// BenchmarkAppend compares the log with the least that could do its job: one
// goroutine that appends what is queued to a file and calls fdatasync. Both
// are driven by 64 writers, in turns within one run, so that a disk that is
// slow for a while is slow for both; "of bare" is the ratio of their speeds.
func BenchmarkAppend(b *testing.B) {
	for _, events := range []int{1, 64} {
		b.Run(fmt.Sprintf("events=%d", events), func(b *testing.B) { benchmarkAppend(b, events) })
	}
}

func benchmarkAppend(b *testing.B, events int) {
	const turns = 10
	log := mustStart(b, b.TempDir(), eventlog.Options{MaxBytes: 1 << 40})
	bare := mustStartBare(b)
	var number atomic.Int64
	var logTime, bareTime, logCPU time.Duration
	posts := max(b.N/turns, benchWriters)
	b.ResetTimer()
	for range turns {
		b.StopTimer()
		batches := make([]eventlog.Batch, posts)
		for i := range batches {
			batches[i] = benchBatch(b, &number, events)
		}
		bareTime += share(posts, func(i int) { bare.append([]byte(batches[i].Body)) })
		b.StartTimer()
		cpu := cpuTime(b)
		logTime += share(posts, func(i int) {
			if _, err := log.Append(b.Context(), batches[i]); err != nil {
				b.Error(err)
			}
		})
		logCPU += cpuTime(b) - cpu
	}
	all := float64(turns * posts)
	b.ReportMetric(all/logTime.Seconds(), "posts/s")
	b.ReportMetric(all*float64(events)/logTime.Seconds(), "events/s")
	b.ReportMetric(float64(logCPU.Microseconds())/all, "cpu-us/post")
	b.ReportMetric(bareTime.Seconds()/logTime.Seconds(), "of-bare")
	b.ReportMetric(0, "ns/op")
}

// share lets the writers call do for each number below n, and returns how long
// that took.
func share(n int, do func(int)) time.Duration {
	start := time.Now()
	var next atomic.Int64
	var writers sync.WaitGroup
	for range benchWriters {
		writers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	writers.Wait()
	return time.Since(start)
}

func benchBatch(b *testing.B, number *atomic.Int64, events int) eventlog.Batch {
	b.Helper()
	visitors := make([]string, events)
	for i := range visitors {
		n := strconv.FormatInt(number.Add(1), 10)
		uuid := "6fa459ea-ee8a-4ca4-894e-" + strings.Repeat("0", 12-len(n)) + n
		visitors[i] = relaytest.Impression("visitor-"+n, "60", "71", uuid, 1_700_000_000_000)
	}
	return eventlogtest.MustDecode(b, "demo", relaytest.Body(visitors...))
}

func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// bareLog is an append-only file with group commit and nothing else.
type bareLog struct {
	tb    testing.TB
	file  *os.File
	queue chan bareAppend
}

type bareAppend struct {
	data []byte
	done chan struct{}
}

func mustStartBare(tb testing.TB) *bareLog {
	tb.Helper()
	file, err := os.Create(filepath.Join(tb.TempDir(), "bare"))
	if err != nil {
		tb.Fatal(err)
	}
	bare := &bareLog{tb: tb, file: file, queue: make(chan bareAppend, 1024)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		bare.run()
	}()
	tb.Cleanup(func() {
		close(bare.queue)
		<-ended
		file.Close() //nolint:errcheck // the folder goes with it
	})
	return bare
}

func (l *bareLog) append(data []byte) {
	done := make(chan struct{})
	l.queue <- bareAppend{data, done}
	<-done
}

func (l *bareLog) run() {
	var group []bareAppend
	var buffer []byte
	for first := range l.queue {
		group, buffer = append(group[:0], first), append(buffer[:0], first.data...)
		for more := true; more; {
			select {
			case next, ok := <-l.queue:
				if more = ok; ok {
					group, buffer = append(group, next), append(buffer, next.data...)
				}
			default:
				more = false
			}
		}
		if _, err := l.file.Write(buffer); err != nil {
			l.tb.Error(err)
		}
		if err := syscall.Fdatasync(int(l.file.Fd())); err != nil {
			l.tb.Error(err)
		}
		for _, a := range group {
			close(a.done)
		}
	}
}

// BenchmarkOpen measures a start with a backlog of a hundred thousand events.
func BenchmarkOpen(b *testing.B) {
	const posts = 100_000
	dir := b.TempDir()
	log, stop := start(b, dir, eventlog.Options{})
	var number atomic.Int64
	share(posts, func(int) {
		if _, err := log.Append(b.Context(), benchBatch(b, &number, 1)); err != nil {
			b.Error(err)
		}
	})
	b.SetBytes(log.Size())
	stop()
	b.ReportAllocs()
	for b.Loop() {
		log := mustOpen(b, dir, eventlog.Options{})
		if log.Report().Events != posts {
			b.Fatalf("report: %+v", log.Report())
		}
		if err := log.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
