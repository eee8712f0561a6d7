using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkish.Hosting;
using Sparkish.Rpc;
using Sparkish.Tests.ForeignEnv;
using Sparkish.Tests.Rpc;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Hosting;

internal sealed class HostedActorsTests
{
    private readonly RecordedLog _log = new();

    [Test]
    public async Task An_endpoint_gets_its_services_and_others_get_its_ref()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"), services => services.AddSingleton<Waiter>());
        await host.StartAsync();

        var waiter = host.Services.GetRequiredService<Waiter>();
        var answer = await waiter.Desk.AskAsync<string>("tea");
        await host.StopAsync();

        Assert.That(answer, Is.EqualTo("tea 1 of instance 1"));
    }

    [Test]
    public async Task Refs_are_there_before_the_start_and_by_name()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"));
        var refs = host.Services.GetRequiredService<IEndpointRefs>();
        var desk = refs.Get<string>("desk");
        await host.StartAsync();

        Assert.That(await desk.AskAsync<string>("tea"), Is.EqualTo("tea 1 of instance 1"));
        Assert.That(() => refs.Get("kitchen"), Throws.InstanceOf<KeyNotFoundException>().With.Message.Contains("desk"));
        await host.StopAsync();
    }

    [Test]
    public async Task A_restart_makes_another_instance_in_another_scope_and_the_old_scope_ends()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"));
        await host.StartAsync();
        var (desk, events) = (host.Services.GetRequiredKeyedService<RpcEndpointRef>("desk"), host.Services.GetRequiredService<Events>());

        desk.Send("fail");
        var answer = await desk.AskAsync<string>("tea");
        await host.StopAsync();

        Assert.That(answer, Is.EqualTo("tea 1 of instance 2"));
        Assert.That(events, Is.EqualTo(new[] { "1 stopped", "scope 1 ended", "2 stopped", "scope 2 ended" })
            .Or.EqualTo(new[] { "1 stopped", "2 stopped", "scope 1 ended", "scope 2 ended" }));
    }

    [Test]
    public async Task The_scope_of_an_endpoint_that_stops_ends_while_the_host_runs()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"));
        await host.StartAsync();
        var refs = host.Services.GetRequiredService<IEndpointRefs>();

        refs.Env.Stop(refs.Get("desk"));

        Assert.That(() => host.Services.GetRequiredService<Events>().ToArray(), Is.EqualTo(new[] { "1 stopped", "scope 1 ended" }).After(30_000, 10));
        await host.StopAsync();
    }

    [Test]
    public async Task An_escalated_error_stops_the_application()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"));
        await host.StartAsync();
        var stopping = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        host.Services.GetRequiredKeyedService<RpcEndpointRef>("desk").Send("escalate");

        await stopping.Task.WaitAsync(Envs.Patience);
        Assert.That(_log.Lines, Has.Some.Contains("RpcEnv shop ended because an endpoint escalated its error").And.Some.Contains("escalate was asked for"));
        await host.StopAsync();
    }

    [Test]
    public async Task An_endpoint_that_runs_on_does_not_hold_the_host_beyond_its_shutdown_timeout()
    {
        using var release = new ManualResetEventSlim();
        using var host = Build(
            actors => actors.Endpoint("stuck", _ => new Stuck(release)),
            services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(200)));
        await host.StartAsync();
        host.Services.GetRequiredKeyedService<RpcEndpointRef>("stuck").Send("work");

        await host.StopAsync().WaitAsync(Envs.Patience);

        Assert.That(_log.Lines, Has.Some.Contains("RpcEnv shop did not stop within the host's shutdown timeout"));
        release.Set();
    }

    [Test]
    public async Task An_error_of_an_endpoint_is_in_the_logs_of_the_application()
    {
        using var host = Build(actors => actors.Endpoint("silent", _ => new Silent()));
        await host.StartAsync();

        Assert.That(async () => await host.Services.GetRequiredKeyedService<RpcEndpointRef>("silent").AskAsync<int>("?"), Throws.InvalidOperationException);

        Assert.That(() => _log.Lines.ToArray(), Has.Some.Contains("A handler of endpoint silent failed").After(30_000, 10));
        await host.StopAsync();
    }

    [Test]
    public void An_endpoint_that_cannot_be_made_fails_the_start()
    {
        using var host = Build(actors => actors.Endpoint<NeedsWhatIsNotThere>("desk"));

        Assert.That(() => host.StartAsync(), Throws.InvalidOperationException.With.Message.Contains(nameof(IDisposable)));
    }

    [Test]
    public async Task Settings_come_from_the_section_and_from_keys_of_Spark()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk").Configure(options => options with { AdvertisedPort = 7 }), settings: new()
        {
            ["Sparkish:rpc:askTimeout"] = "7s",
            ["Sparkish:Listen"] = "true",
            ["Sparkish:AdvertisedHost"] = "shop.example",
            ["Sparkish:Roles:0"] = "shop",
            ["spark.rpc.lookupTimeout"] = "8s",
            ["Sparkish:rpc:lookupTimeout"] = "9s",
        });

        var env = host.Services.GetRequiredService<IEndpointRefs>().Env;
        await host.StartAsync();
        await host.StopAsync();

        Assert.That((env.Conf.Get("spark.rpc.askTimeout"), env.Conf.Get("spark.rpc.lookupTimeout"), env.Address),
            Is.EqualTo(("7s", "8s", new RpcAddress("shop.example", 7))));
    }

    [TestCase("Sparkish:Port", "many", "Sparkish:Port is 'many' but must be a whole number from 0 to 65535.")]
    [TestCase("Sparkish:Listen", "often", "Sparkish:Listen is 'often' but must be 'true' or 'false'.")]
    [TestCase("Sparkish:rpc:factory", "orleans", "spark.rpc.factory is 'orleans'")]
    public void A_wrong_setting_fails_the_start(string key, string value, string message)
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"), settings: new() { [key] = value });

        Assert.That(() => host.StartAsync(), Throws.InstanceOf<SparkException>().With.Message.StartsWith(message));
    }

    [Test]
    public async Task Two_envs_of_one_application_talk_to_each_other()
    {
        using var host = Build(
            actors => actors.Endpoint<Desk>("desk"),
            services => services.AddSparkishActors("kitchen", actors => actors.Endpoint<Desk>("stove")
                .FromSection("Kitchen").Configure(options => options with { Conf = options.Conf.Clone().Set("spark.rpc.askTimeout", "60s") })));
        await host.StartAsync();
        var kitchen = host.Services.GetRequiredKeyedService<IEndpointRefs>("kitchen");
        var desk = host.Services.GetRequiredKeyedService<RpcEndpointRef>("desk");

        var answer = await desk.From(kitchen.Env).AskAsync<string>("tea");

        Assert.That((answer, kitchen.Env.Name), Is.EqualTo(("tea 1 of instance 1", "kitchen")));
        await host.StopAsync();
    }

    [Test]
    public async Task The_env_is_of_the_chosen_kind()
    {
        using var host = Build(actors => actors.Endpoint<Desk>("desk"),
            settings: new() { ["Sparkish:rpc:factory"] = "Sparkish.Tests.ForeignEnv.ChannelRpcEnvFactory, Sparkish.Tests.ForeignEnv" });
        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<IEndpointRefs>().Env, Is.InstanceOf<ChannelRpcEnv>());
        Assert.That(await host.Services.GetRequiredKeyedService<RpcEndpointRef>("desk").AskAsync<string>("tea"), Is.EqualTo("tea 1 of instance 1"));
        await host.StopAsync();
    }

    [Test]
    public void A_name_is_used_once()
    {
        var services = new ServiceCollection();
        services.AddSparkishActors("shop", actors => actors.Endpoint<Desk>("desk"));

        Assert.That(() => services.AddSparkishActors("shop", _ => { }), Throws.ArgumentException.With.Message.Contains("'shop'"));
        Assert.That(() => services.AddSparkishActors("other", actors => actors.Endpoint<Desk>("desk")),
            Throws.ArgumentException.With.Message.Contains("'desk'"));
    }

    private IHost Build(Action<SparkishActorsBuilder> actors, Action<IServiceCollection>? more = null, Dictionary<string, string?>? settings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddSingleton<Events>().AddScoped<Scope>();
        builder.Services.AddSparkishActors("shop", actors);
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class Events : ConcurrentQueue<string>
    {
        private int _scopes;

        public int NextScope() => Interlocked.Increment(ref _scopes);
    }

    /// <summary>A service of which each scope has one, and which can only be disposed asynchronously.</summary>
    private sealed class Scope(Events events) : IAsyncDisposable
    {
        public int Number { get; } = events.NextScope();

        public ValueTask DisposeAsync()
        {
            events.Enqueue($"scope {Number} ended");
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Desk(Scope scope, Events events) : RpcEndpoint
    {
        private int _orders;

        public override void Receive(object message) => throw new InvalidOperationException($"{message} was asked for");

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply($"{message} {++_orders} of instance {scope.Number}");

        public override ErrorDirective OnError(Exception error) =>
            error.Message.StartsWith("escalate", StringComparison.Ordinal) ? ErrorDirective.Escalate : ErrorDirective.Restart;

        public override void OnStop() => events.Enqueue($"{scope.Number} stopped");
    }

    private sealed class Waiter([FromKeyedServices("desk")] RpcEndpointRef desk)
    {
        public RpcEndpointRef Desk => desk;
    }

    private sealed class Stuck(ManualResetEventSlim release) : IsolatedRpcEndpoint
    {
        public override void Receive(object message) => release.Wait();
    }

    private sealed class Silent : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => throw new InvalidOperationException("luck");
    }

    private sealed class NeedsWhatIsNotThere(IDisposable missing) : RpcEndpoint
    {
        public override void OnStart() => missing.Dispose();
    }
}
