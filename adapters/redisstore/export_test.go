package redisstore

// LeftRunning returns how many calls go on although their callers have left.
func (s *Store) LeftRunning() int { return s.link.leftRunning() }

// SetMaxLeft sets the bound of LeftRunning.
func (s *Store) SetMaxLeft(n int) { s.link.maxLeft = n }
