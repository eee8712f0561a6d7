using System.Runtime.CompilerServices;
using Sparkish.Akka;
using Sparkish.Akka.Configuration;

namespace Sparkish.Tests.Akka;

/// <summary>What an actor system of an env is started with.</summary>
internal sealed class AkkaSettingsTests
{
    private static readonly AkkaSettings Usual = new("127.0.0.1", 0, "127.0.0.1", 0, UsesTls: false, UserFile: "");

    [Test]
    public void The_settings_that_follow_from_those_of_Spark_are_the_approved_ones()
    {
        var approved = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "AkkaSettings.approved.hocon"));

        Assert.That(Usual.ToHocon(), Is.EqualTo(approved));
    }

    [Test]
    public void The_settings_of_a_cluster_that_follow_from_those_of_Spark_are_the_approved_ones()
    {
        var approved = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "AkkaClusterSettings.approved.hocon"));

        Assert.That(new AkkaClusterSettings(Usual, ["worker", "a \"role\""]).ToHocon(), Is.EqualTo(approved));
    }

    [Test]
    public void A_cluster_has_the_security_of_the_env_s_actor_system_and_a_user_s_file_tunes_it()
    {
        using var file = new UserFile("akka.cluster { split-brain-resolver.stable-after = 20s, failure-detector.acceptable-heartbeat-pause = 10s }");

        var config = new AkkaClusterSettings(Usual with { UserFile = file.Path }, ["worker", "no\nrole"]).ToConfig();

        Assert.That((config.GetString("akka.actor.provider"), config.GetBoolean("akka.remote.untrusted-mode"), config.GetString("akka.actor.serializers.json")),
            Is.EqualTo(("cluster", true, "Sparkish.Akka.Configuration.RefusingSerializer, Sparkish.Akka")));
        Assert.That((config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"), config.GetStringList("akka.cluster.roles")),
            Is.EqualTo((TimeSpan.FromSeconds(20), new[] { "sparkish", "worker" })));
    }

    [Test]
    public void Host_ports_and_TLS_are_those_of_the_env()
    {
        var config = new AkkaSettings("0.0.0.0", 7078, "node\"1", 17078, UsesTls: true, UserFile: "").ToConfig().GetConfig("akka.remote.dot-netty.tcp");

        var own = (config.GetString("hostname"), config.GetInt("port"));
        var advertised = (config.GetString("public-hostname"), config.GetInt("public-port"));
        Assert.That((own, advertised, config.GetBoolean("enable-ssl")), Is.EqualTo((("0.0.0.0", 7078), ("node\"1", 17078), true)));
    }

    [Test]
    public void A_user_s_file_goes_before()
    {
        using var file = new UserFile("akka.loglevel = DEBUG\nakka.scheduler.tick-duration = 20ms");

        var config = (Usual with { UserFile = file.Path }).ToConfig();

        Assert.That((config.GetString("akka.loglevel"), config.GetTimeSpan("akka.scheduler.tick-duration"), config.GetString("akka.actor.provider")),
            Is.EqualTo(("DEBUG", TimeSpan.FromMilliseconds(20), "remote")));
    }

    [TestCase("akka.actor.serializers.mine = \"My.Serializer, Mine\"", "akka.actor.serializers")]
    [TestCase("akka.remote.untrusted-mode = off", "akka.remote.untrusted-mode")]
    [TestCase("akka.remote.dot-netty.tcp.hostname = 0.0.0.0", "akka.remote.dot-netty.tcp.hostname")]
    [TestCase("akka.remote.trusted-selection-paths = [\"/user/mine\"]", "akka.remote.trusted-selection-paths")]
    [TestCase("akka.cluster.seed-nodes = [\"akka.tcp://a@b:1\"]", "spark.membership.seeds")]
    [TestCase("akka.cluster { roles = [master] }", "akka.cluster.roles")]
    [TestCase("akka.remote.dot-netty.tcp { port = 2552 }", "spark.akka.port")]
    [TestCase("akka { remote { dot-netty { tcp { maximum-frame-size = 1000b } } } }", "maximum-frame-size")]
    [TestCase("akka.remote.dot-netty.tcp.ssl.suppress-validation = true", "spark.ssl.rpc")]
    public void A_setting_that_follows_from_those_of_Spark_is_refused(string hocon, string named)
    {
        using var file = new UserFile(hocon);

        Assert.That(() => (Usual with { UserFile = file.Path }).ToConfig(),
            Throws.InstanceOf<SparkException>().With.Message.Contains(file.Path).And.Message.Contains("spark.akka.conf").And.Message.Contains(named));
    }

    [TestCase("\"akka.remote.untrusted-mode\" = off", "akka.remote.untrusted-mode")]
    [TestCase("akka { \"remote.log-received-messages\" = on }", "remote.log-received-messages")]
    [TestCase("akka.loglevel = DEBUG\0", "U+0000")]
    [TestCase("just words", "'just words'")]
    [TestCase("akka { loglevel }", "'loglevel'")]
    public void A_file_that_Akka_would_ignore_is_refused(string text, string named)
    {
        using var file = new UserFile(text);

        Assert.That(() => (Usual with { UserFile = file.Path }).ToConfig(),
            Throws.InstanceOf<SparkException>().With.Message.Contains(file.Path).And.Message.Contains(named));
    }

    [Test]
    public void A_file_that_is_no_text_is_refused()
    {
        using var file = new UserFile("");
        File.WriteAllBytes(file.Path, [0x7F, (byte)'E', (byte)'L', (byte)'F', 0xFF, 0xFE, 0x80]);

        Assert.That(() => (Usual with { UserFile = file.Path }).ToConfig(), Throws.InstanceOf<SparkException>().With.Message.Contains(file.Path));
    }

    [Test]
    public void Names_of_types_and_paths_of_actors_may_have_dots()
    {
        using var file = new UserFile("akka.actor.deployment { \"/a.b\" { dispatcher = mine } }\nakka.some { \"My.Type, Mine\" = a }");

        Assert.That((Usual with { UserFile = file.Path }).ToConfig().HasPath("akka.actor.deployment"), Is.True);
    }

    [Test]
    public void A_value_of_the_wrong_kind_is_told_as_such_and_not_as_a_problem_of_the_port()
    {
        using var file = new UserFile("akka.scheduler.tick-duration = often");
        var options = AkkaEnvs.Options("odd", new SparkConf(false).Set("spark.akka.conf", file.Path));

        Assert.That(() => new AkkaRpcEnvFactory().Create(options), Throws.InstanceOf<SparkException>()
            .With.Message.Contains(file.Path).And.Message.Contains("spark.akka.conf").And.Message.Not.Contain("port"));
    }

    [Test]
    public void A_file_that_is_not_there_is_named() => Assert.That(() => (Usual with { UserFile = "/no/such/file" }).ToConfig(),
        Throws.InstanceOf<SparkException>().With.Message.Contains("/no/such/file").And.Message.Contains("spark.akka.conf"));

    [Test]
    public void A_file_that_includes_another_one_is_refused()
    {
        using var file = new UserFile("include \"other.conf\"");

        Assert.That(() => (Usual with { UserFile = file.Path }).ToConfig(), Throws.InstanceOf<SparkException>().With.Message.Contains(file.Path));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private sealed class UserFile : IDisposable
    {
        public UserFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
