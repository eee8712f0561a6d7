using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <summary>
/// The contract of an <see cref="RpcEnv"/>, one test for each guarantee. A maker of envs derives a fixture, says how envs are made and how they die, which
/// features they lack (<see cref="WhyLacking"/>), and passes all the rest.
/// </summary>
/// <remarks>
/// Many tests rest on one rule: what one env asks of one node about its endpoints keeps its order. Watches are taken in the order in which they were
/// begun, and a look-up that follows the answer to a watch, an ask or a look-up sees at least what that answer saw.
/// </remarks>
public abstract partial class RpcEnvConformance
{
    private readonly List<RpcEnv> _envs = [];

    /// <summary>The messages that the suite sends between envs.</summary>
    protected static MessageRegistry Messages { get; } = new MessageRegistry().Add<Text>(100).Add<CallBack>(101).Add<Bytes>(102).Add<Forward>(103);

    /// <summary>Makes an env on a node of its own.</summary>
    /// <param name="options">How to make it.</param>
    /// <param name="faulty">Whether the test will kill it or cut it off.</param>
    protected abstract RpcEnv Create(RpcEnvOptions options, bool faulty);

    /// <summary>Runs a test; in simulation this lets virtual time pass.</summary>
    protected abstract Task RunAsync(Func<Task> body);

    /// <summary>Ends an env as a killed process does: without a word of its own. Made with <c>faulty</c>.</summary>
    protected abstract void Kill(RpcEnv env);

    /// <summary>
    /// Says why the envs of this fixture lack a feature; null for a feature that they have. Tests of a lacking feature are ignored with this reason.
    /// </summary>
    protected virtual string? WhyLacking(RpcEnvFeature feature) => null;

    /// <summary>
    /// Cuts the ways between two envs that were made with <c>faulty</c>; nobody is told. Not called where <see cref="RpcEnvFeature.SilentPeers"/> is lacking.
    /// </summary>
    protected abstract void Cut(RpcEnv a, RpcEnv b);

    /// <summary>Runs an action apart from all handlers: on another thread where there is one.</summary>
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
