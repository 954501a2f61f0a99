package server

import (
	"testing"
	"time"
)

func TestTheLimiterLetsABurstThroughThenSoMuchASecond(t *testing.T) {
	var l limiter
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range editsBurst {
		if wait := l.take(now); wait != 0 {
			t.Fatalf("edit %d of the burst has to wait %v", i, wait)
		}
	}
	wait := l.take(now)
	if wait != time.Second/editsPerSecond {
		t.Fatalf("after the burst the wait is %v", wait)
	}
	if again := l.take(now.Add(wait)); again != 0 {
		t.Errorf("who waited has to wait %v more", again)
	}
	if full := l.take(now.Add(time.Hour)); full != 0 {
		t.Errorf("after an hour the wait is %v", full)
	}
}
