#pragma warning disable MA0048 // the code of one page
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sparkish.Hosting;
using Sparkish.Rpc;

namespace Sparkish.Tests.Docs;

/// <summary>The page of docs/rpc.md on the Generic Host.</summary>
internal sealed class RpcGuideHostingTests
{
    [Test]
    public async Task An_application_hosts_an_env()
    {
        // <snippet hosting>
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<PriceList>();
        builder.Services.AddSparkishActors("shop", actors => actors
            .Endpoint<Till>("till")
            .Messages(messages => messages.Add<Sold>(100).Add<Takings>(101)));
        using var host = builder.Build();
        await host.StartAsync();

        var till = host.Services.GetRequiredService<IEndpointRefs>().Get("till");
        till.Send(new Sold("tea"));
        var takings = await till.AskAsync<int>(new Takings());
        // </snippet>

        await host.StopAsync();
        Assert.That(takings, Is.EqualTo(3));
    }

    private sealed class PriceList
    {
        public int Of(string what) => what.Length;
    }

    private sealed record Sold(string What);

    private sealed record Takings;

    private sealed class Till(PriceList prices) : RpcEndpoint
    {
        private int _sum;

        public override void Receive(object message)
        {
            switch (message)
            {
                case Sold m: _sum += prices.Of(m.What); break;
                default: base.Receive(message); break;
            }
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            switch (message)
            {
                case Takings: call.Reply(_sum); break;
                default: base.ReceiveAndReply(message, call); break;
            }
        }
    }
}
