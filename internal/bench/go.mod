module github.com/tunica-go/tunica/internal/bench

go 1.26.0

replace github.com/tunica-go/tunica => ../..
