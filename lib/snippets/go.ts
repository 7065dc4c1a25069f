import { quoted, type SnippetContext } from "./context.ts"

/** A calling service in Go with golang.org/x/oauth2; null where that package cannot sign an assertion. */
export function go(c: SnippetContext): string | null {
  if (c.authMethod === "private_key_jwt") return null
  const style = c.authMethod === "client_secret_basic" ? "AuthStyleInHeader" : "AuthStyleInParams"
  const scopes = (c.grant?.scopes ?? []).map(quoted).join(", ")
  const named = c.grant && c.audienceParameter
  return `package main

import (
	"context"
	"fmt"
	"log"
${named ? '\t"net/url"\n' : ""}	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	config := clientcredentials.Config{
		ClientID:     ${quoted(c.clientId)},
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		TokenURL:     ${quoted(c.tokenEndpoint)},
		Scopes:       []string{${scopes}},
${named ? `		EndpointParams: url.Values{${quoted(c.audienceParameter ?? "")}: {${quoted(c.grant?.audience ?? "")}}},\n` : ""}		AuthStyle: oauth2.${style},
	}
	client := config.Client(context.Background())
	answer, err := client.Get(${quoted(c.grant?.audience ?? "https://api.internal")})
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
}
`
}
