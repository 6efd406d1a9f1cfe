package redisstore

// SetMaxLeft sets the bound of Stats.Left.
func (s *Store) SetMaxLeft(n int) { s.link.maxLeft = n }
