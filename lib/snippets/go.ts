import { otherParameters, quoted, scopeText, type SnippetContext } from "./context.ts"

/** A calling service in Go with golang.org/x/oauth2; null where that package cannot sign an assertion. */
export function go(c: SnippetContext): string | null {
  if (c.auth_method === "private_key_jwt") return null
  const style = c.auth_method === "client_secret_basic" ? "AuthStyleInHeader" : "AuthStyleInParams"
  const scopes = scopeText(c).split(" ").filter(Boolean).map(quoted).join(", ")
  const others = otherParameters(c).map(([name, value]) => `${quoted(name)}: {${quoted(value)}}`)
  return `package main

import (
	"context"
	"fmt"
	"log"
${others.length > 0 ? '\t"net/url"\n' : ""}	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	config := clientcredentials.Config{
		ClientID:     ${quoted(c.client_id)},
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		TokenURL:     ${quoted(c.token_endpoint)},
		Scopes:       []string{${scopes}},
${others.length > 0 ? `		EndpointParams: url.Values{${others.join(", ")}},\n` : ""}		AuthStyle: oauth2.${style},
	}
	client := config.Client(context.Background())
	answer, err := client.Get(${quoted(c.audience ?? "https://api.internal")})
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
}
`
}
