package stats

// Running is the course of one comparison, watched at a row of moments. The zero value is one that has not begun.
//
// Because the test holds at all moments at once, the smallest p so far and the intersection of all intervals so far hold too. When
// the intersection becomes empty the data contradict a difference that stays the same, and the course starts over with what is
// true now.
type Running struct {
	P          float64  // smallest since the last reset; 1 before the first moment
	Difference Interval // intersections since the last reset
	Lift       Interval
	Resets     int
	Since      int // the moment, counted from 0, at which the last reset or the beginning was
	moments    int
	begun      bool
}

// Skip passes a moment at which the pair was not ready yet.
func (r *Running) Skip() {
	if !r.begun {
		r.P, r.Difference, r.Lift = 1, Unbounded, Unbounded
	}
	r.moments++
}

// Watch looks at the pair once more, with intervals at level alpha.
func (r *Running) Watch(p Pair, alpha float64) {
	now := p.P()
	difference, lift := p.DifferenceInterval(alpha), p.LiftInterval(alpha)
	if r.begun {
		d, l := r.Difference.And(difference), r.Lift.And(lift)
		if !d.Empty() && !l.Empty() {
			difference, lift, now = d, l, min(r.P, now)
		} else {
			r.Resets++
			r.Since = r.moments
		}
	} else {
		r.begun, r.Since = true, r.moments
	}
	r.P, r.Difference, r.Lift = now, difference, lift
	r.moments++
}

// Begun tells whether the course has had a moment that counted.
func (r *Running) Begun() bool { return r.begun }
