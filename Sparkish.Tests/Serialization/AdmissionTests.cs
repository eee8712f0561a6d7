using System.Net;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

public sealed class Secret
{
    public string Text { get; init; } = "";
}

public sealed class Finalized
{
    private static int _finalizations;

    public static int Finalizations => Volatile.Read(ref _finalizations);

#pragma warning disable MA0055 // what is tested
    ~Finalized() => Interlocked.Increment(ref _finalizations);
#pragma warning restore MA0055
}

public sealed class Opener
{
    public Func<string, Stream>? Open { get; init; }

    public List<Secret> Secrets { get; init; } = [];
}

public sealed class AdmissionTests
{
    [Test]
    public void A_framework_type_is_admitted_where_the_configuration_allows_it()
    {
        var allowed = With(SerializationKeys.AllowedTypes.Key, "System.Net.IPEndPoint, System.Net.IPAddress");
        var graph = new object[] { new DnsEndPoint("host", 80) };

        Assert.That(() => ObjectSerializer.Serialize(graph, allowed), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("[0]: System.Net.DnsEndPoint "));

        var space = With(SerializationKeys.AllowedTypes.Key, "System.Net.*");
        var bytes = ObjectSerializer.Serialize(graph, space);
        Assert.That(ObjectSerializer.Deserialize<object[]>(bytes, space), Is.EqualTo(graph));
        Assert.That(() => ObjectSerializer.Deserialize<object[]>(bytes, allowed), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("System.Net.DnsEndPoint "));
        Assert.That(() => ObjectSerializer.Deserialize<object[]>(bytes, CodecTests.User), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("System.Net.DnsEndPoint "));
    }

    [Test]
    public void A_type_of_the_application_is_refused_on_both_sides_where_the_configuration_denies_it()
    {
        var denied = With(SerializationKeys.DeniedTypes.Key, "Sparkish.Tests.Serialization.Secret");
        var secrets = new object[] { new Secret(), new List<Secret>(), new Secret[1], typeof(Secret), new Opener { Secrets = [new Secret()] } };

        using (Assert.EnterMultipleScope())
        {
            foreach (var secret in secrets)
            {
                Assert.That(() => ObjectSerializer.Serialize(secret, denied), Throws.TypeOf<SerializationException>()
                    .With.Message.Contains("Secret is denied by spark.serializer.deniedTypes"), secret.ToString());
                Assert.That(() => ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(secret), denied), Throws.TypeOf<SerializationException>()
                    .With.Message.Contains("is denied by spark.serializer.deniedTypes"), secret.ToString());
            }

            Assert.That(ObjectSerializer.Deserialize<Secret>(ObjectSerializer.Serialize(new Secret { Text = "t" }), CodecTests.User).Text, Is.EqualTo("t"));
        }
    }

    [Test]
    public void A_namespace_is_denied_with_those_below_it_and_not_with_those_of_a_like_name()
    {
        var denied = With(SerializationKeys.DeniedTypes.Key, "Sparkish.Tests.Seri.*,Sparkish.Tests.Rpc.*");

        Assert.That(() => ObjectSerializer.Serialize(new Secret(), denied), Throws.Nothing);
        Assert.That(() => ObjectSerializer.Serialize(new Secret(), With(SerializationKeys.DeniedTypes.Key, "Sparkish.Tests.*")),
            Throws.TypeOf<SerializationException>());
    }

    [TestCase("*")]
    [TestCase("System.*.Net")]
    [TestCase("System.Net, Sys tem")]
    [TestCase("System.Net.")]
    [TestCase(".*")]
    public void An_entry_that_names_nothing_is_an_error_that_names_the_key(string value)
    {
        Assert.That(() => With(SerializationKeys.AllowedTypes.Key, value), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith("spark.serializer.allowedTypes holds '"));
    }

    [Test]
    public async Task An_env_admits_what_its_configuration_says()
    {
        var conf = new SparkConf(loadDefaults: false).Set(SerializationKeys.DeniedTypes.Key, "A.B").Set(SerializationKeys.MaxDepth.Key, "17");
        await using var env = new Sparkish.Rpc.Transport.NetworkRpcEnvFactory()
            .Create(new RpcEnvOptions("admission", conf, new MessageRegistry()) { Listen = false });

        var context = new RpcSerializationContext(env);

        Assert.That(context.Limits.MaxDepth, Is.EqualTo(17));
        Assert.That(context.Admission, Is.Not.SameAs(TypeAdmission.Default));
        Assert.That(env.SerializationContext.Limits, Is.EqualTo(context.Limits));
    }

    [Test]
    public void A_closure_is_checked_by_the_same_rule()
    {
        var secret = new Secret();
        var denied = With(SerializationKeys.DeniedTypes.Key, "Sparkish.Tests.Serialization.Secret");

        Assert.That(() => ClosureCleaner.Clean<Func<string>>(() => secret.Text, "Map"), Throws.Nothing);
        Assert.That(() => ClosureCleaner.Clean<Func<string>>(() => secret.Text, "Map", denied), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("captures secret: Sparkish.Tests.Serialization.Secret is denied"));
    }

    [Test]
    public void What_an_application_brings_as_a_package_is_the_applications()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(FrameworkAssemblies.Contains(typeof(object).Assembly), Is.True);
            Assert.That(FrameworkAssemblies.Contains(typeof(System.Text.Json.JsonSerializer).Assembly), Is.True);
            Assert.That(FrameworkAssemblies.Contains(typeof(Microsoft.CodeAnalysis.CSharp.CSharpCompilation).Assembly), Is.False);
            Assert.That(FrameworkAssemblies.Contains(typeof(Assert).Assembly), Is.False);
            Assert.That(FrameworkAssemblies.Contains(typeof(AdmissionTests).Assembly), Is.False);
        }
    }

    [Test]
    public void Parts_of_ASPNET_Core_are_the_frameworks_although_a_package_brings_them()
    {
        var logging = typeof(Microsoft.Extensions.Logging.ILogger).Assembly;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(logging.Location, Does.StartWith(AppContext.BaseDirectory));
            Assert.That(FrameworkAssemblies.Contains(logging), Is.True);
            Assert.That(FrameworkAssemblies.Contains(typeof(Microsoft.Extensions.FileSystemGlobbing.Matcher).Assembly), Is.True);
            Assert.That(FrameworkAssemblies.IsOfAspNetCore(typeof(Uri).Assembly), Is.False);
        }
    }

    [Test]
    public void Where_assemblies_lie_nowhere_the_frameworks_are_told_by_name_and_key()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(FrameworkAssemblies.IsNamedSo(typeof(Uri).Assembly), Is.True);
            Assert.That(FrameworkAssemblies.IsNamedSo(typeof(System.Text.Json.JsonSerializer).Assembly), Is.True);
            Assert.That(FrameworkAssemblies.IsNamedSo(typeof(Microsoft.CodeAnalysis.CSharp.CSharpCompilation).Assembly), Is.False);
            Assert.That(FrameworkAssemblies.IsNamedSo(typeof(AdmissionTests).Assembly), Is.False);
        }
    }

    [Test]
    public void Every_assembly_of_the_runtime_is_the_frameworks_by_both_rules()
    {
        var folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var loaded = AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => !assembly.IsDynamic && assembly.Location.StartsWith(folder, StringComparison.Ordinal)).ToArray();

        Assert.That(loaded, Has.Length.GreaterThan(10));
        Assert.That(loaded.Where(assembly => !FrameworkAssemblies.Contains(assembly)
            || (assembly != typeof(object).Assembly && !FrameworkAssemblies.IsNamedSo(assembly))), Is.Empty);
    }

    [Test]
    public void Nothing_allows_a_class_with_a_finalizer()
    {
        var context = With(SerializationKeys.AllowedTypes.Key, "Sparkish.*,System.*");

        Assert.That(() => ObjectSerializer.Serialize(new Finalized(), context), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Sparkish.Tests.Serialization.Finalized has a finalizer"));
        Assert.That(() => ObjectSerializer.Serialize(new WeakReference(this), context),
            Throws.TypeOf<SerializationException>().With.Message.Contains("has a finalizer"));
    }

    [Test]
    public void A_delegate_may_speak_of_types_that_it_holds_no_objects_of()
    {
        var opener = new Opener { Open = static path => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(path)) };

        var copy = ObjectSerializer.Deserialize<Opener>(ObjectSerializer.Serialize(opener), CodecTests.User);

        using var stream = copy.Open!("abc");
        Assert.That(stream.Length, Is.EqualTo(3));
    }

    [Test]
    public void A_collection_of_what_is_refused_is_refused_though_it_is_empty()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ObjectSerializer.Serialize(new List<FileInfo>()), Throws.TypeOf<SerializationException>()
                .With.Message.StartsWith("System.IO.FileInfo "));
            Assert.That(() => ObjectSerializer.Serialize(new Dictionary<string, Stream?> { ["a"] = null }),
                Throws.TypeOf<SerializationException>().With.Message.StartsWith("System.IO.Stream "));
            Assert.That(() => ObjectSerializer.Serialize(new FileInfo[1, 1]), Throws.TypeOf<SerializationException>());
            Assert.That(() => ObjectSerializer.Serialize(typeof(List<FileInfo>)), Throws.TypeOf<SerializationException>());
            Assert.That(() => ObjectSerializer.Serialize(typeof(Func<FileInfo>)), Throws.TypeOf<SerializationException>());
            Assert.That(() => ObjectSerializer.Serialize(new List<IEnumerable<int>> { new[] { 1 } }), Throws.Nothing);
        }
    }

    [Test]
    public void A_chain_of_many_objects_is_a_clear_error()
    {
        var first = new Node();
        for (var i = 0; i < 10_000; i++) first = new Node { Next = first };

        Assert.That(() => ObjectSerializer.Serialize(first), Throws.TypeOf<SerializationException>()
            .With.Message.EndsWith("The value nests more than 2000 levels deep: keep long chains in a list or an array, or raise spark.serializer.maxDepth."));
    }

    internal static SerializationContext With(string key, string value) =>
        new() { Types = TypeBinder.Application, Admission = TypeAdmission.From(new SparkConf(loadDefaults: false).Set(key, value)) };
}
