package main

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/server"
)

func TestARefusalSaysWhatIsFull(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		err  error
		says string
	}{
		{"the disk", fmt.Errorf("%w: %w", eventlog.ErrFull, syscall.ENOSPC), "the disk of the event log is full"},
		{"the quota of the disk", fmt.Errorf("%w: %w", eventlog.ErrFull, syscall.EDQUOT), "the disk of the event log is full"},
		{"the log", eventlog.ErrFull, "the event log is full: it may get no larger than --max-backlog"},
		{"nothing", fmt.Errorf("%w: %w", eventlog.ErrUnavailable, syscall.EROFS), "the event log cannot be written to"},
		{"nothing that a sender may know", broken, "broken"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := refusal(test.err)
			if _, refused := errors.AsType[*server.Refusal](err); err.Error() != test.says || refused == errors.Is(err, broken) {
				t.Errorf("%v", err)
			}
		})
	}
}
