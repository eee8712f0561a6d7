using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkish.Akka;
using Sparkish.Akka.Actors;
using Sparkish.Akka.Hosting;
using Sparkish.Hosting;
using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.Akka.Hosting;

/// <summary>An application with Akka.Hosting runs an env on its actor system.</summary>
internal sealed class AkkaHostingTests
{
    private const string Remoting = AkkaEnvs.Remoting;

    private readonly Lines _log = new();

    [Test]
    public async Task An_actor_gets_an_endpoint_that_gets_its_services()
    {
        using var host = Build(akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")));
        await host.StartAsync();

        var desk = host.Services.GetRequiredService<IRequiredActor<Desk>>().ActorRef;
        var answer = await desk.Ask<string>("tea", AkkaEnvs.Patience);
        await host.StopAsync();

        Assert.That((answer, desk.Path.ToStringWithoutAddress()), Is.EqualTo(("tea of scope 1", "/user/desk")));
    }

    [Test]
    public async Task Actors_that_are_added_after_it_find_endpoints_at_their_start()
    {
        var found = new TaskCompletionSource<IActorRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = Build(akka => akka
            .WithSparkish("shop", actors => actors.Endpoint<Desk>("desk"))
            .WithActors((_, registry) => found.SetResult(registry.Get<Desk>())));
        await host.StartAsync();

        Assert.That(await (await found.Task).Ask<string>("tea", AkkaEnvs.Patience), Is.EqualTo("tea of scope 1"));
        await host.StopAsync();
    }

    [Test]
    public async Task Refs_are_services_before_the_start()
    {
        using var host = Build(akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")), services => services.AddSparkishRefs("shop"));
        var refs = host.Services.GetRequiredService<IEndpointRefs>();
        var desk = refs.Get("desk");
        await host.StartAsync();

        Assert.That(await desk.AskAsync<string>("tea"), Is.EqualTo("tea of scope 1"));
        Assert.That(refs.Env.GetActorSystem(), Is.SameAs(host.Services.GetRequiredService<ActorSystem>()));
        Assert.That(host.Services.GetRequiredKeyedService<IEndpointRefs>("shop"), Is.SameAs(refs));
        await host.StopAsync();
    }

    [Test]
    public void Refs_of_an_env_that_is_not_there_are_refused()
    {
        using var host = Build(akka => akka.WithSparkish("shop", _ => { }), services => services.AddSparkishRefs("kitchen"));

        Assert.That(host.Services.GetRequiredService<IEndpointRefs>, Throws.InstanceOf<KeyNotFoundException>().With.Message.Contains("kitchen").And.Message.Contains("shop"));
    }

    [Test]
    public async Task Endpoints_stop_before_the_actor_system_and_their_scopes_end()
    {
        using var host = Build(akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")));
        await host.StartAsync();
        var (system, events) = (host.Services.GetRequiredService<ActorSystem>(), host.Services.GetRequiredService<Events>());
        system.RegisterOnTermination(() => events.Enqueue("system ended"));

        await host.StopAsync();
        await system.WhenTerminated.WaitAsync(AkkaEnvs.Patience);

        Assert.That(events, Is.EqualTo(new[] { "desk stopped", "scope 1 ended", "system ended" }));
    }

    [Test]
    public async Task An_actor_system_that_ends_by_itself_stops_the_env_first()
    {
        using var host = Build(akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")));
        await host.StartAsync();
        var (system, events) = (host.Services.GetRequiredService<ActorSystem>(), host.Services.GetRequiredService<Events>());

        await system.Terminate().WaitAsync(AkkaEnvs.Patience);

        Assert.That(events, Is.EqualTo(new[] { "desk stopped", "scope 1 ended" }));
        await host.StopAsync();
    }

    [Test]
    public async Task An_isolated_endpoint_has_a_pinned_dispatcher()
    {
        using var host = Build(akka => akka.WithSparkish("shop", actors => actors.Endpoint("alone", _ => new Alone())), services => services.AddSparkishRefs("shop"));
        await host.StartAsync();

        var refs = host.Services.GetRequiredService<IEndpointRefs>();

        Assert.That(await refs.Get("alone").AskAsync<string>("thread"), Is.EqualTo("dispatcher-alone"));
        Assert.That(refs.Env.GetActorSystem().Dispatchers.HasDispatcher(EndpointActors.IsolatedDispatcher));
        await host.StopAsync();
    }

    [Test]
    public async Task Endpoints_of_one_type_are_found_by_name()
    {
        using var host = Build(
            akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk").Endpoint<Desk>("till")), services => services.AddSparkishRefs("shop"));
        await host.StartAsync();

        var refs = host.Services.GetRequiredService<IEndpointRefs>();
        var answers = (await refs.Get("desk").AskAsync<string>("tea"), await refs.Get("till").AskAsync<string>("tea"));
        var isRegistered = host.Services.GetRequiredService<IReadOnlyActorRegistry>().TryGet<Desk>(out _);
        await host.StopAsync();

        Assert.That((answers, isRegistered), Is.EqualTo((("tea of scope 1", "tea of scope 2"), false)));
    }

    [Test]
    public async Task Two_envs_on_one_actor_system_talk()
    {
        using var host = Build(
            akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")).WithSparkish("kitchen", _ => { }),
            services => services.AddSparkishRefs("shop").AddSparkishRefs("kitchen"));
        await host.StartAsync();
        var (shop, kitchen) = (host.Services.GetRequiredKeyedService<IEndpointRefs>("shop"), host.Services.GetRequiredKeyedService<IEndpointRefs>("kitchen"));

        Assert.That(await kitchen.Env.RefTo(shop.Get("desk")).AskAsync<string>("tea"), Is.EqualTo("tea of scope 1"));
        await host.StopAsync();
    }

    [Test]
    public async Task An_escalated_error_stops_the_application()
    {
        using var host = Build(akka => akka.WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")));
        await host.StartAsync();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        host.Services.GetRequiredService<IRequiredActor<Desk>>().ActorRef.Tell("escalate");

        await stopping.Task.WaitAsync(AkkaEnvs.Patience);
        await host.StopAsync();
    }

    [Test]
    public async Task An_endpoint_that_runs_on_holds_the_shutdown_no_longer_than_its_phase()
    {
        using var release = new ManualResetEventSlim();
        using var host = Build(akka => akka
            .AddHocon("akka.coordinated-shutdown.phases { service-stop.timeout = 200ms, actor-system-terminate.timeout = 200ms }", HoconAddMode.Prepend)
            .WithSparkish("shop", actors => actors.Endpoint("stuck", _ => new Stuck(release))), services => services.AddSparkishRefs("shop"));
        await host.StartAsync();
        host.Services.GetRequiredService<IEndpointRefs>().Get("stuck").Send("work");

        await host.StopAsync().WaitAsync(AkkaEnvs.Patience);

        await _log.WhenLoggedAsync("RpcEnv shop did not stop").WaitAsync(AkkaEnvs.Patience);
        release.Set();
    }

    [Test]
    public void An_endpoint_that_cannot_be_made_fails_the_start() =>
        AssertStartFails(akka => akka.WithSparkish("shop", actors => actors.Endpoint<NeedsWhatIsNotThere>("desk")), nameof(IFormatProvider));

    [Test]
    public void An_actor_system_without_remoting_fails_the_start() =>
        AssertStartFails(akka => akka.AddHocon("akka.actor.provider = local", HoconAddMode.Prepend).WithSparkish("shop", _ => { }), "akka.actor.provider");

    [Test]
    public void A_disposable_endpoint_that_is_no_service_fails_the_start() =>
        AssertStartFails(akka => akka.WithSparkish("shop", actors => actors.Endpoint<Disposable>("desk")), "add it to the services");

    [Test]
    public void An_actor_under_the_type_of_an_endpoint_fails_the_start() => AssertStartFails(
        akka => akka.WithActors((system, registry) => registry.Register<Desk>(system.DeadLetters)).WithSparkish("shop", actors => actors.Endpoint<Desk>("desk")),
        "'desk'");

    [Test]
    public void Names_are_used_once()
    {
        var akka = new AkkaConfigurationBuilder(new ServiceCollection(), "shop");
        akka.WithSparkish("shop", _ => { });

        Assert.That(() => akka.WithSparkish("shop", _ => { }), Throws.ArgumentException.With.Message.Contains("'shop'"));
        Assert.That(() => akka.WithSparkish("kitchen", actors => actors.Endpoint<Desk>("desk").Endpoint<Desk>("desk")),
            Throws.ArgumentException.With.Message.Contains("'desk'"));
    }

    [Test]
    public void Services_cannot_be_added_once_they_are_complete() => Assert.That(
        () => new AkkaConfigurationBuilder(new ServiceCollection(), "shop").WithSparkish("shop", actors => actors.Services.AddSingleton("tea")),
        Throws.InvalidOperationException);

    /// <summary>The host's start throws, or ends the application with the error in its log.</summary>
    private void AssertStartFails(Action<AkkaConfigurationBuilder> akka, string named)
    {
        using var host = Build(akka);

        Assert.That(async () => await host.StartAsync(), Throws.InstanceOf<Exception>().With.Message.Contains(named));
    }

    private IHost Build(Action<AkkaConfigurationBuilder> akka, Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([]);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddSingleton<Events>().AddScoped<Scope>();
        builder.Services.AddAkka("shop", configuration =>
        {
            configuration.AddHocon(Remoting, HoconAddMode.Append);
            akka(configuration);
        });
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
        public override void Receive(object message) => throw new InvalidOperationException($"{message} was asked for");

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply($"{message} of scope {scope.Number}");

        public override ErrorDirective OnError(Exception error) => ErrorDirective.Escalate;

        public override void OnStop() => events.Enqueue($"{Self.Name} stopped");
    }

    private sealed class Alone : IsolatedRpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(Thread.CurrentThread.Name);
    }

    private sealed class Stuck(ManualResetEventSlim release) : IsolatedRpcEndpoint
    {
        public override void Receive(object message) => release.Wait();
    }

    private sealed class NeedsWhatIsNotThere(IFormatProvider missing) : RpcEndpoint
    {
        public override string ToString() => $"{missing}";
    }

    private sealed class Disposable : RpcEndpoint, IDisposable
    {
        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
