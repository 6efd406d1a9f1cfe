package redisstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
)

const tlsMinVersion = tls.VersionTLS12

// tlsParameters are those of the schemes with TLS.
var tlsParameters = []string{"skip_verify", "tls_ca_file", "tls_cert_file", "tls_key_file"}

// tlsOf takes the parameters of TLS from query. Its errors say which of them is
// wrong, and not what the URL says.
func tlsOf(u *url.URL, query url.Values) (*tls.Config, error) {
	given := make(map[string]string)
	for _, name := range tlsParameters {
		if _, ok := query[name]; !ok {
			continue
		}
		if u.Scheme != "rediss" {
			return nil, fmt.Errorf("the parameter %s of the URL needs TLS: want rediss", name)
		}
		given[name] = take(query, name)
	}
	config := new(tls.Config)
	switch given["skip_verify"] {
	case "true", "1":
		config.InsecureSkipVerify = true
	case "false", "0", "":
	default:
		return nil, wrongValue("skip_verify")
	}
	if file := given["tls_ca_file"]; file != "" {
		authorities, err := os.ReadFile(file)
		if err != nil {
			return nil, unreadable("tls_ca_file", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, errors.New("the file of the parameter tls_ca_file has no certificate in it")
		}
	}
	certFile, keyFile := given["tls_cert_file"], given["tls_key_file"]
	if (certFile == "") != (keyFile == "") {
		return nil, errors.New("of the parameters tls_cert_file and tls_key_file one is missing")
	}
	if certFile == "" {
		return config, nil
	}
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return nil, unreadable("tls_cert_file", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, unreadable("tls_key_file", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("the files of the parameters tls_cert_file and tls_key_file do not go together: %s", err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // without the path
	}
	return fmt.Errorf("the file of the parameter %s cannot be read: %s", name, describe(err))
}
