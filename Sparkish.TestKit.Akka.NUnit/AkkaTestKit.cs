using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.TestKit;
using Sparkish.Akka;
using Sparkish.Akka.Configuration;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.TestKit.Akka.NUnit;

/// <summary>
/// Akka.TestKit for NUnit: every test has an actor system of its own, with a test actor that is the implicit sender. Tests of one instance run one after the
/// other; for tests side by side use an instance per test (<c>[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]</c>).
/// </summary>
/// <example><code>
/// internal sealed class DeskTests() : AkkaTestKit(Remoting)
/// {
///     [Test]
///     public void A_desk_answers()
///     {
///         var env = StartEnv();
///         env.ToActorRef(env.SetupEndpoint("desk", new Desk())).Tell(new Place("tea"));
///         …
///     }
/// }
/// </code></example>
public abstract class AkkaTestKit : TestKitBase, IDisposable
{
    private readonly Config _config;
    private readonly string? _systemName;
    private readonly List<RpcEnv> _envs = [];
    private bool _isUsed;
    private bool _isRunning = true;

    /// <summary>Creates the fixture.</summary>
    /// <param name="config">Settings of the actor systems; those of Akka.TestKit unless given. For envs use <see cref="Remoting"/>.</param>
    /// <param name="systemName">Name of the actor systems; <c>test</c> unless given.</param>
    protected AkkaTestKit(Config? config = null, string? systemName = null)
        : this(WithSparkish(config), systemName, isComplete: true)
    {
    }

    private AkkaTestKit(Config config, string? systemName, bool isComplete) : base(NUnitAssertions.Instance, config, systemName)
    {
        _ = isComplete;
        (_config, _systemName) = (config, systemName);
    }

    /// <summary>Settings of an actor system that envs can run on: remoting on the loopback interface, on a port that the system chooses.</summary>
    public static Config Remoting { get; } = ConfigurationFactory.ParseString("""
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        """);

    /// <summary>As <see cref="Remoting"/>, with Akka's <see cref="TestScheduler"/>: time moves when the test says so (<see cref="ClockBridge"/>).</summary>
    public static Config RemotingWithTestScheduler { get; } = ConfigurationFactory.ParseString(
        "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"").WithFallback(Remoting);

    /// <summary>Starts an env on the actor system of the test. The env stops after the test.</summary>
    /// <param name="name">The env's name.</param>
    /// <param name="messages">The messages that may cross the wire.</param>
    /// <param name="conf">Settings; none are read from files.</param>
    /// <param name="time">The env's clock; the system's unless given.</param>
    /// <exception cref="SparkException">The actor system has no remoting.</exception>
    public RpcEnv StartEnv(string name = "test", MessageRegistry? messages = null, SparkConf? conf = null, TimeProvider? time = null)
    {
        var env = AkkaRpcEnv.Over(Sys, TestEnvs.Options(name, messages, conf) with { Time = time ?? TimeProvider.System });
        _envs.Add(env);
        return env;
    }

    /// <summary>Gives the test an actor system. NUnit calls it before each test, and before the set-up of derived classes.</summary>
    [SetUp]
    public void StartActorSystem()
    {
        if (_isUsed) InitializeTest(null, _config, _systemName, null);
        (_isUsed, _isRunning) = (true, true);

        // The first system was made with the fixture, perhaps on another thread.
        if (this is not INoImplicitSender) InternalCurrentActorCellKeeper.Current = (ActorCell)((ActorRefWithCell)TestActor).Underlying;
    }

    /// <summary>Stops the envs and the actor system of the test. NUnit calls it after each test, and after the tear-down of derived classes.</summary>
    [TearDown]
    public async Task StopActorSystemAsync()
    {
        foreach (var env in _envs) await env.DisposeAsync().ConfigureAwait(false);
        _envs.Clear();
        Dispose();
    }

    /// <summary>Stops an actor system that no test has used.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the actor system.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!_isRunning) return;
        _isRunning = false;
        InternalCurrentActorCellKeeper.Current = null;
        Shutdown();
    }

    private static Config WithSparkish(Config? config) =>
        (config ?? Config.Empty).WithFallback(ConfigurationFactory.ParseString(AkkaSettings.ForOtherSystems));
}
