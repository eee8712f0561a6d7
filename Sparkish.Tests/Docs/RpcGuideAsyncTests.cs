#pragma warning disable MA0048 // the code of one page
using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.Docs;

/// <summary>The code of docs/rpc.md on handlers that await, and on stopping.</summary>
internal sealed class RpcGuideAsyncTests
{
    [Test]
    public async Task A_page_is_fetched_once_for_all_who_ask_meanwhile()
    {
        await using var env = TestEnvs.Local();
        var fetched = 0;
        var pages = env.SetupEndpoint("Pages", new Pages(async (url, _) =>
        {
            fetched++;
            await Task.Yield();
            return $"page {url}";
        }));

        var answers = await Task.WhenAll(pages.AskAsync<string>(new ReadPage("a")).AsTask(), pages.AskAsync<string>(new ReadPage("a")).AsTask());

        Assert.That((answers[0], answers[1], fetched), Is.EqualTo(("page a", "page a", 1)));
    }

    [Test]
    public async Task A_program_joins_the_shutdown()
    {
        var env = TestEnvs.Local();
        var (balancer, log) = (new Balancer(), new ClosableLog());

        // <snippet shutdown>
        env.CoordinatedShutdown.AddTask(
            ShutdownPhase.BeforeEndpointsStop, "leave the load balancer", stop => balancer.LeaveAsync(stop), timeout: TimeSpan.FromSeconds(10));
        env.CoordinatedShutdown.AddTask(ShutdownPhase.AfterConnectionsClose, "close the log", _ => log.CloseAsync());

        var report = await env.ShutdownAsync(deadline: TimeSpan.FromSeconds(20));
        if (!report.IsClean) Console.Error.WriteLine($"Abandoned: {string.Join(", ", report.AbandonedEndpoints)}");
        // </snippet>

        Assert.That((report.IsClean, balancer.HasLeft, log.IsClosed), Is.EqualTo((true, true, true)));
    }

    private sealed class Balancer
    {
        public bool HasLeft { get; private set; }

        public Task LeaveAsync(CancellationToken stop)
        {
            stop.ThrowIfCancellationRequested();
            HasLeft = true;
            return Task.CompletedTask;
        }
    }

    private sealed class ClosableLog
    {
        public bool IsClosed { get; private set; }

        public Task CloseAsync()
        {
            IsClosed = true;
            return Task.CompletedTask;
        }
    }
}

internal sealed record ReadPage(string Url);

// <snippet async>
internal sealed class Pages(Func<string, CancellationToken, Task<string>> fetch) : AsyncRpcEndpoint
{
    private readonly Dictionary<string, string> _pages = new(StringComparer.Ordinal); // no lock: one handler at a time, even across awaits

    protected override async ValueTask ReceiveAndReplyAsync(object message, RpcCallContext call, CancellationToken abandoned)
    {
        switch (message)
        {
            case ReadPage m:
                if (!_pages.TryGetValue(m.Url, out var page)) _pages[m.Url] = page = await fetch(m.Url, abandoned);
                call.Reply(page);
                break;
            default: await base.ReceiveAndReplyAsync(message, call, abandoned); break;
        }
    }
}
// </snippet>
