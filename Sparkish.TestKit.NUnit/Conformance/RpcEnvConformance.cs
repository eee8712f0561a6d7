using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <summary>
/// The contract of an <see cref="RpcEnv"/>, one test for each guarantee. The implementer of an env derives a fixture, supplies how envs are created and killed,
/// names the features that they lack (<see cref="WhyLacking"/>), and passes all other tests.
/// </summary>
/// <remarks>
/// Many tests rest on one rule: the requests of one env to one node about its endpoints keep their order. Watches are registered in the order of the calls. A
/// look-up after the reply to a watch, an ask or a look-up sees at least what that reply saw.
/// </remarks>
public abstract partial class RpcEnvConformance
{
    private readonly List<RpcEnv> _envs = [];

    /// <summary>The messages that the suite sends between envs.</summary>
    protected static MessageRegistry Messages { get; } = new MessageRegistry().Add<Text>(100).Add<CallBack>(101).Add<Bytes>(102).Add<Forward>(103);

    /// <summary>Creates an env on a separate node.</summary>
    /// <param name="options">The options of the env.</param>
    /// <param name="faulty">Whether the test will kill it or cut it off.</param>
    protected abstract RpcEnv Create(RpcEnvOptions options, bool faulty);

    /// <summary>Runs a test; in simulation this lets virtual time pass.</summary>
    protected abstract Task RunAsync(Func<Task> body);

    /// <summary>Ends an env like a killed process, without notifying peers. The env was created with <c>faulty</c>.</summary>
    protected abstract void Kill(RpcEnv env);

    /// <summary>
    /// Returns the reason why the envs of this fixture lack a feature; null for a feature that they have. Tests of a lacking feature are ignored with this
    /// reason.
    /// </summary>
    protected virtual string? WhyLacking(RpcEnvFeature feature) => null;

    /// <summary>
    /// Cuts the connection between two envs that were created with <c>faulty</c>; neither is notified. Not called if <see cref="RpcEnvFeature.SilentPeers"/> is
    /// lacking.
    /// </summary>
    protected abstract void Cut(RpcEnv a, RpcEnv b);

    /// <summary>Runs an action outside all handlers: on another thread if there is one.</summary>
    protected abstract Task InBackgroundAsync(RpcEnv env, Action action);

    private Task CheckAsync(Func<Task> body) => RunAsync(async () =>
    {
        _envs.Clear();
        await body();
        foreach (var env in Enumerable.Reverse(_envs)) await env.DisposeAsync();
    });

    private Task CheckAsync(RpcEnvFeature feature, Func<Task> body)
    {
        if (WhyLacking(feature) is { } reason) Assert.Ignore($"These envs lack {feature}: {reason}");
        return CheckAsync(body);
    }

    private RpcEnv NewEnv(string name = "node", bool faulty = false, Func<RpcEnvOptions, RpcEnvOptions>? with = null, params (string Key, string Value)[] conf)
    {
        var settings = new SparkConf(false);
        foreach (var (key, value) in conf) settings.Set(key, value);
        var options = new RpcEnvOptions(name, settings, Messages);
        var env = Create(with is null ? options : with(options), faulty);
        _envs.Add(env);
        return env;
    }

    /// <summary>Two envs, or twice the same.</summary>
    private (RpcEnv Server, RpcEnv Client) NewPair(bool remote, params (string Key, string Value)[] clientConf)
    {
        var client = NewEnv("client", conf: clientConf);
        return (remote ? NewEnv("server") : client, client);
    }

    private static Witness Register(RpcEnv env, string name, Func<Witness>? make = null)
    {
        var witness = make is null ? new Witness(env) : make();
        env.SetupEndpoint(name, witness);
        return witness;
    }

    private static async Task<T> FailureOfAsync<T>(Task work) where T : Exception
    {
        try
        {
            await work;
        }
        catch (Exception error)
        {
            Assert.That(error, Is.InstanceOf<T>(), error.ToString());
            return (T)error;
        }

        throw new AssertionException($"Expected a {typeof(T).Name}, but nothing failed.");
    }

    private static async Task ExpectEventsAsync(Witness witness, params object[] expected)
    {
        var seen = new List<object>();
        while (seen.Count < expected.Length) seen.Add(await witness.Events.NextAsync($"'{expected[seen.Count]}'"));
        Assert.That(seen, Is.EqualTo(expected));
    }
}
