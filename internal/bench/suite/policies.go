package suite

import "github.com/tunica-go/tunica/decorators/cache"

// policies are the ways of this module's cache to choose what has to go, the
// default first; lru says that one is meant to keep what golang-lru keeps. One
// more is one line here, such as
//
//	{"tunica S3-FIFO", false, func(o *cache.Options) { o.Policy = cache.S3FIFO }},
var policies = []struct {
	name string
	lru  bool
	set  func(*cache.Options)
}{
	{"tunica", true, func(*cache.Options) {}},
}
