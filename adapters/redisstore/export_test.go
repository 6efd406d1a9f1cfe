package redisstore

// SetMaxLeft sets the bound of Stats.Left.
func (s *Store) SetMaxLeft(n int) { s.link.maxLeft = n }

// SetMaxLanes sets how many batches may be on their way to a server at a time.
func (s *Store) SetMaxLanes(n int) { s.link.maxLanes = n }

// Waiting returns how many commands wait for a lane.
func (s *Store) Waiting() (n int) { return s.link.waiting() }

func (l *link) waiting() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.groups {
		n += g.waiting
	}
	return n
}
