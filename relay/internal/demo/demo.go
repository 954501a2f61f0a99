// Package demo edits the built-in demo's datafile, as the traffic sliders of the page ask for it.
//
// An edit replaces one experiment's trafficAllocation and raises the revision by one; every other byte of the file stays as
// it is, so that it remains the file somebody edits by hand. The file is replaced atomically. Nothing else is told: whoever
// watches the file notices.
package demo

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/wasm/engine/datafile"
)

// MaxRanges bounds a traffic allocation.
const MaxRanges = 100

// buckets is where the last range ends: bucket values are 0 to 9999.
const buckets = 10_000

// Range gives the bucket values from the end of the range before it up to EndOfRange, not included, to a variation.
type Range struct {
	EntityID   string // of a variation of the experiment, or "" for nobody
	EndOfRange int    // 0 to 10000, not below that of the range before it
}

// FieldError is what is wrong with an edit.
type FieldError struct {
	Field    string // of the request, such as trafficAllocation[1].endOfRange
	Message  string
	NotFound bool // the field names something that is not in the datafile
}

func (e *FieldError) Error() string { return e.Message }

// ErrUneditable is wrapped by the error of a file that is not in a state to be edited, such as one somebody broke by hand.
var ErrUneditable = errors.New("the demo's datafile cannot be edited as it is now")

// File is a datafile on disk. Its methods may be called concurrently.
type File struct {
	path string
	mu   sync.Mutex
}

// NewFile makes a File of a path; nothing is read yet.
func NewFile(path string) *File { return &File{path: path} }

// SetAllocation replaces the traffic allocation of an experiment and returns the new revision. Its error is a *FieldError,
// wraps ErrUneditable, or is that of the disk.
func (f *File) SetAllocation(experimentKey string, allocation []Range) (revision string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, err := os.ReadFile(f.path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUneditable, err)
	}
	project, err := datafile.Parse(string(text))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUneditable, err)
	}
	if err := check(project, experimentKey, allocation); err != nil {
		return "", err
	}
	revision, err = next(project.Revision)
	if err != nil {
		return "", err
	}
	edited, err := edit(text, experimentKey, allocation, revision)
	if err == nil {
		_, err = datafile.Parse(string(edited))
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUneditable, err)
	}
	return revision, datasource.WriteFile(f.path, edited, time.Now())
}

// check tells what of an edit the datafile does not allow.
func check(project *datafile.Project, experimentKey string, allocation []Range) error {
	experiment := project.ExperimentByKey(experimentKey)
	if experiment == nil {
		return &FieldError{"experimentKey", fmt.Sprintf("the demo has no experiment %.80q", experimentKey), true}
	}
	if len(allocation) > MaxRanges {
		return &FieldError{"trafficAllocation", fmt.Sprintf("at most %d ranges are allowed", MaxRanges), false}
	}
	end := 0
	for i, r := range allocation {
		field := fmt.Sprintf("trafficAllocation[%d].", i)
		known := slices.ContainsFunc(experiment.Variations, func(v *datafile.Variation) bool { return v.ID == r.EntityID })
		switch {
		case r.EntityID != "" && !known:
			return &FieldError{field + "entityId", fmt.Sprintf("%.80q is no variation of %s; their ids, or \"\" for nobody, are allowed", r.EntityID, experimentKey), false}
		case r.EndOfRange < end || r.EndOfRange > buckets:
			return &FieldError{field + "endOfRange", fmt.Sprintf("%d is not from %d to %d; ranges ascend", r.EndOfRange, end, buckets), false}
		}
		end = r.EndOfRange
	}
	return nil
}

// next is the revision after one.
func next(revision string) (string, error) {
	n, err := strconv.ParseUint(revision, 10, 63)
	if err != nil {
		return "", fmt.Errorf("%w: its revision is no number", ErrUneditable)
	}
	return strconv.FormatUint(n+1, 10), nil
}
