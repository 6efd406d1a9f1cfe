package redisstore

import "time"

// minimum is the shortest of the times of the last second or two.
type minimum struct {
	now, before time.Duration
	since       time.Time
}

const minimumKept = time.Second

func (m *minimum) add(at time.Time, d time.Duration) {
	switch {
	case at.Sub(m.since) > 2*minimumKept:
		m.now, m.before, m.since = d, d, at
	case at.Sub(m.since) > minimumKept:
		m.now, m.before, m.since = d, m.now, at
	default:
		m.now = min(m.now, d)
	}
}

func (m *minimum) value() (d time.Duration, ok bool) {
	return min(m.now, m.before), !m.since.IsZero()
}
