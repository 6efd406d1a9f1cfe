package redisstore

// Stats are counts of the calls of a store and its views whose callers left
// before the end, because their contexts ended. Such a call goes on until the
// server answers or the client's timeouts end it. Many of them say that a server
// does not answer, or takes longer than the callers' patience.
type Stats struct {
	Left      int    // that go on now, at most 1024
	TotalLeft uint64 // so far
}

// Stats returns the counts at this moment.
func (s *Store) Stats() Stats {
	l := s.link
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Left: l.left, TotalLeft: l.totalLeft}
}
