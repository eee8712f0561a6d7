using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Cli;
using Sparkish.Diagnostics;
using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Serialization;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>No text of a peer starts a line of its own in a log, moves a cursor or turns the reading direction.</summary>
[NonParallelizable] // a test replaces the standard error of the process
internal sealed class LogTextTests
{
    private const string Hostile = "nice\r\u001b[2K2026-01-01 00:00:00.000 info: Master[3101] all is well\u202e\u2066\u0085\u2028\n";
    private const string Escaped = "nice\\r\\u001b[2K2026-01-01 00:00:00.000 info: Master[3101] all is well\\u202e\\u2066\\u0085\\u2028\\n";

    [Test]
    public void Controls_line_ends_and_overrides_of_direction_are_escaped() => Assert.That(LogText.Escape(Hostile), Is.EqualTo(Escaped));

    [TestCase("an ordinary line, with ünïcödé, 中文 and 🚀")]
    [TestCase("")]
    public void Ordinary_text_stays_as_it_is(string text) => Assert.That(LogText.Escape(text), Is.SameAs(text));

    [Test]
    public void Later_lines_of_a_stack_trace_are_indented_so_that_none_looks_like_an_event() =>
        Assert.That(LogText.EscapeLines("boom\r\n   at A\n2026 info: fake\u001b"), Is.EqualTo("boom\n       at A\n    2026 info: fake\\u001b"));

    [FsCheck.NUnit.Property]
    public Property Whatever_the_text_its_escape_is_plain() =>
        Prop.ForAll(Gen.Choose(0, 0xffff).Select(code => (char)code).ArrayOf().ToArbitrary(), chars => LogText.IsPlain(LogText.Escape(new string(chars))));

    [Test]
    public void The_daemons_console_writes_one_line_per_event()
    {
        var output = new StringWriter();

        new PlainConsoleFormatter().Write(
            new LogEntry<string>(LogLevel.Warning, "Category", 7, Hostile, new InvalidOperationException(Hostile), (state, _) => $"said {state}"), null, output);

        var written = output.ToString().TrimEnd('\n');
        Assert.That(LogText.IsPlain(written), Is.True, written);
        Assert.That(written, Does.Match("^[-0-9: .]+ warn: Category\\[7\\] said nice"));
    }

    [Test]
    public void The_executors_log_writes_one_line_per_event_and_indents_stack_traces()
    {
        var error = new StringWriter();
        var before = Console.Error;
        Console.SetError(error);
        try
        {
            using var provider = new LineLoggerProvider(TimeProvider.System);
            provider.CreateLogger("Category").Log(LogLevel.Warning, 7, Hostile, new InvalidOperationException(Hostile), (state, _) => $"said {state}");
        }
        finally
        {
            Console.SetError(before);
        }

        var lines = error.ToString().TrimEnd('\n').Split('\n');
        Assert.That(lines[0], Does.Contain("WARN Category: said nice\\r\\u001b[2K"));
        Assert.That(lines[1..], Has.All.StartsWith("    "));
        Assert.That(lines.All(line => LogText.IsPlain(line)), Is.True);
    }

    [TestCase("a\u001b[2Kb", "e")]
    [TestCase("a", "e\u202e")]
    [TestCase("a", "e\r\n")]
    public async Task A_ref_with_a_hostile_host_or_name_cannot_be_read(string host, string name)
    {
        await using var env = Envs.New();
        var writer = new ByteWriter();
        writer.WriteString(host);
        writer.WriteCount(1);
        writer.WriteString(name);
        writer.WriteUnmanaged(1L);

        Assert.That(() => Read(writer.WrittenSpan.ToArray(), env), Throws.InstanceOf<SerializationException>().With.Message.Contain("control characters"));
    }

    [TestCase(300, 1)]
    [TestCase(1, 2000)]
    public async Task A_ref_with_an_endless_host_or_name_cannot_be_read(int hostChars, int nameChars)
    {
        await using var env = Envs.New();
        var writer = new ByteWriter();
        writer.WriteString(new string('h', hostChars));
        writer.WriteCount(1);
        writer.WriteString(new string('n', nameChars));
        writer.WriteUnmanaged(1L);

        Assert.That(() => Read(writer.WrittenSpan.ToArray(), env), Throws.InstanceOf<SerializationException>().With.Message.Contain("of more than"));
    }

    [Test]
    public void The_failure_of_a_peer_moves_no_cursor()
    {
        var writer = new ByteWriter();
        new RemoteFailure("Type\u001b", "two\nlines\u001b[2K", "stack\u202e").Write(writer);
        var reader = new ByteReader(writer.WrittenSpan);

        var error = RemoteFailure.Read(ref reader).ToException();

        Assert.That((error.RemoteType, error.Message, error.RemoteStackTrace), Is.EqualTo(("Type\\u001b", "two\nlines\\u001b[2K", "stack\\u202e")));
    }

    [Test]
    public void The_refusal_of_a_peer_stays_on_one_line() =>
        Assert.That(HandshakeFormat.DecodeRefusal(System.Text.Encoding.UTF8.GetBytes(Hostile)), Is.EqualTo(Escaped));

    private static RpcEndpointRef Read(byte[] bytes, RpcEnv env)
    {
        var reader = new ByteReader(bytes, env.SerializationContext);
        return new RpcEndpointRefCodec().Read(ref reader);
    }
}
