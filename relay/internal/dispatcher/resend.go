package dispatcher

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Resent is what became of dead letters that were sent again, in letters.
type Resent struct {
	Delivered int // and no longer among the dead letters
	Refused   int // for good, once more
	Left      int // not tried, or without success that may yet come; others may be behind where the context ended
	LastError string
}

// Letters yields the dead letters, oldest first, of one project or with "" of
// all. An error is the last it yields.
func (d *Dispatcher) Letters(sdkKey string) iter.Seq2[Letter, error] {
	return allLetters(d.letters, sdkKey)
}

// Resend sends dead letters once more: one project's, or with "" all, and of
// these the one of an id, or with zero all. At the first answer that asks to
// try later it leaves that project's others for later, too; a letter that failed
// while others got through says nothing of them, unless now nobody answers it.
// It reads no more of them once ctx has ended: whoever asked has gone.
func (d *Dispatcher) Resend(ctx context.Context, sdkKey string, id uint64) (r Resent, err error) {
	down := map[string]bool{}
	for letter, err := range chosenLetters(d.letters, sdkKey, id) {
		if err != nil {
			return r, err
		}
		if ended := ctx.Err(); ended != nil {
			r.Left++
			r.LastError = ended.Error()
			return r, nil
		}
		lane := d.lane(letter.SDKKey)
		if why := lane.nowhere(letter.SDKKey); why != "" {
			r.Left++
			r.LastError = why
			continue
		}
		if down[letter.SDKKey] {
			r.Left++
			continue
		}
		answer := lane.poster.post(ctx, lane.project.URL(), []byte(letter.Request))
		lane.noteResent(letter.Events, answer)
		if !answer.delivered() {
			r.LastError = answer.String()
		}
		switch {
		case answer.delivered():
			r.Delivered++
			err = d.letters.Remove(letter)
		case answer.never(), letter.alone() && (answer.status > 0 || letter.Status == 0):
			r.Refused++
			letter.Time, letter.Status, letter.Reason = time.Now().UTC(), answer.status, answer.reason
			err = d.letters.Replace(letter)
		default:
			r.Left++
			down[letter.SDKKey] = true
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// Discard throws a dead letter away, and returns false if there is none of the id.
func (d *Dispatcher) Discard(id uint64) (bool, error) {
	letter, found, err := d.letters.From(id, "")
	if err != nil || !found || letter.ID != id {
		return false, err
	}
	if err := d.letters.Remove(letter); err != nil {
		return false, fmt.Errorf("discard: %w", err)
	}
	return true, nil
}

// nowhere says why there is no event API for a project's letters, or "" if there is; a project that is not configured has no lane.
func (l *lane) nowhere(sdkKey string) string {
	switch {
	case l == nil:
		return sdkKey + " is none of the relay's projects any more"
	case l.project.URL() == "":
		return "the events of " + sdkKey + " go to no event API"
	}
	return ""
}

func (d *Dispatcher) lane(sdkKey string) *lane {
	for _, l := range d.lanes {
		if l.project.SDKKey == sdkKey {
			return l
		}
	}
	return nil
}
