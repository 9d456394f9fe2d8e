using System.Net;
using System.Web;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Two gateways behind one name that let operators' browsers sign in to the dashboard.</summary>
public sealed class SignInGateways(GatewayFixture gateway) : IAsyncLifetime
{
    private readonly List<(GatewayHost Host, HttpClient Http)> _gateways = [];

    internal TokenIssuer Issuer { get; private set; } = null!;

    internal IReadOnlyList<HttpClient> Http => [.. _gateways.Select(one => one.Http)];

    public async ValueTask InitializeAsync()
    {
        Issuer = await TokenIssuer.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            _gateways.Add(await gateway.OpenToTheWorld(Issuer, new()
            {
                ["Dashboard:SignIn:ClientId"] = Issuer.ClientId.ToString(),
                ["Dashboard:SignIn:ClientSecret"] = TokenIssuer.ClientSecret,
                ["Http:ProxyNetworks:0"] = "127.0.0.0/8",
            }));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (host, http) in _gateways)
        {
            http.Dispose();
            await host.DisposeAsync();
        }

        await Issuer.DisposeAsync();
    }
}

public sealed class DashboardSignInTests(SignInGateways gateways) : IClassFixture<SignInGateways>
{
    private const string Host = "dashboard.example.org";

    [Theory]
    [InlineData("")]
    [InlineData("/ops")] // A proxy serves it below this path.
    public async Task Operator_signs_in_and_sees_the_dashboard_whichever_gateway_answers(string prefix)
    {
        gateways.Issuer.SignInRoles = ["Operators"];
        var browser = new Browser(gateways.Http, prefix);

        var asked = await browser.Get("/dashboard/");
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        var sentTo = HttpUtility.ParseQueryString(asked.Headers.Location!.Query);
        Assert.Equal($"https://{Host}{prefix}/dashboard/signed-in", sentTo["redirect_uri"]);
        Assert.Equal(("code", "S256"), (sentTo["response_type"], sentTo["code_challenge_method"]));
        var signedIn = await browser.Get(await browser.SignIn(asked));
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.EndsWith($"{prefix}/dashboard/", signedIn.Headers.Location!.ToString(), StringComparison.Ordinal);
        var shown = await browser.Get("/dashboard/");

        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Contains("<html", await shown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("dashboard=", StringComparison.Ordinal));
        Assert.All(["secure", "httponly", "samesite=lax"], attribute => Assert.Contains(attribute, cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Whoever_is_no_operator_signs_in_and_is_refused()
    {
        gateways.Issuer.SignInRoles = ["Deliveries.ReadWrite.All"];
        var browser = new Browser(gateways.Http);

        await browser.Get(await browser.SignIn(await browser.Get("/dashboard/")));

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get("/dashboard/")).StatusCode);
    }

    [Fact]
    public async Task Cookie_is_good_for_the_dashboard_only()
    {
        gateways.Issuer.SignInRoles = ["Operators"];
        var browser = new Browser(gateways.Http);
        await browser.Get(await browser.SignIn(await browser.Get("/dashboard/")));

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Get("/api/operations/deadletters")).StatusCode);
    }

    [Fact]
    public async Task What_pages_ask_for_behind_the_scenes_is_refused_not_sent_to_sign_in()
    {
        var answer = await new Browser(gateways.Http) { Accept = "*/*" }.Get("/dashboard/DashboardCounters");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Code_of_another_browser_and_forged_cookies_are_refused()
    {
        gateways.Issuer.SignInRoles = ["Operators"];
        var (browser, thief) = (new Browser(gateways.Http), new Browser(gateways.Http));
        var link = await browser.SignIn(await browser.Get("/dashboard/"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.Get(link)).StatusCode);
        thief.Cookies["dashboard"] = "CfDJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Assert.Equal(HttpStatusCode.Redirect, (await thief.Get("/dashboard/")).StatusCode);
    }

    [Theory]
    [InlineData("Operators", HttpStatusCode.OK)]
    [InlineData("Deliveries.ReadWrite.All", HttpStatusCode.Forbidden)]
    public async Task Bearer_token_serves_as_before(string role, HttpStatusCode expected) =>
        Assert.Equal(expected, await gateways.Http[0].StatusWith(gateways.Issuer.Token([role]), "/dashboard/"));

    /// <summary>As much of a browser as this takes: it keeps cookies, and each request reaches the next gateway through a proxy that ends TLS.</summary>
    private sealed class Browser(IReadOnlyList<HttpClient> gateways, string prefix = "")
    {
        private int _requests;

        public string Accept { get; init; } = "text/html,*/*";

        public Dictionary<string, string> Cookies { get; } = [];

        public async Task<HttpResponseMessage> Get(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Forwarded-For", "203.0.113.9" }, { "X-Forwarded-Proto", "https" }, { "Accept", Accept } } };
            request.Headers.Host = Host;
            if (prefix.Length > 0) request.Headers.Add("X-Forwarded-Prefix", prefix);
            if (Cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            var answer = await gateways[_requests++ % gateways.Count].SendAsync(request, TestContext.Current.CancellationToken);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                var (name, value) = (cookie[..cookie.IndexOf('=', StringComparison.Ordinal)], cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..cookie.IndexOf(';', StringComparison.Ordinal)]);
                if (value.Length > 0) Cookies[name] = value;
                else Cookies.Remove(name);
            }

            return answer;
        }

        /// <summary>Follows to the issuer, which asks nobody, and gives the path to which it sends back.</summary>
        public async Task<string> SignIn(HttpResponseMessage asked)
        {
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            using var answer = await http.GetAsync(asked.Headers.Location, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            var back = answer.Headers.Location!;
            Assert.StartsWith($"https://{Host}{prefix}/dashboard/signed-in?", back.ToString(), StringComparison.Ordinal);
            return back.PathAndQuery[prefix.Length..];
        }
    }
}
