using System.Buffers.Binary;
using System.Text;
using Sparkish.Benchmarks.Faults;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Tests.Recovery.Faults;

/// <summary>The files of ZooKeeper's servers are read as the servers read them, and tell where an acknowledged event is.</summary>
internal sealed class ZooKeeperFilesTests
{
    private const long Term = 3L << 32;

    [Test]
    public void A_log_is_read_up_to_the_zeros_behind_its_last_record()
    {
        var log = ZooKeeperLogFile.Parse("log.300000001", [.. Header(), .. Record(1), .. Record(2), .. new byte[100]]);

        Assert.That(log.Transactions.Select(static one => one.Zxid), Is.EqualTo(new[] { Term + 1, Term + 2 }));
        Assert.That((log.First, log.BrokenAt, log.Behind.Count), Is.EqualTo((Term + 1, (long?)null, 0)));
        Assert.That(ZooKeeperFiles.Events(log.Transactions[1]), Is.EqualTo(new[] { Event(2) }));
    }

    [Test]
    public void What_stands_behind_a_record_that_a_full_disk_cut_is_found_though_the_server_does_not_read_it()
    {
        var first = Record(1);
        var log = ZooKeeperLogFile.Parse("log.300000001", [.. Header(), .. first, .. Record(2)[..40], .. Record(2), .. Record(3), .. new byte[100]]);

        Assert.That(log.Transactions.Select(static one => one.Zxid), Is.EqualTo(new[] { Term + 1 }));
        Assert.That(log.Behind.Select(static one => one.Zxid), Is.EqualTo(new[] { Term + 2, Term + 3 }));
        Assert.That(log.BrokenAt, Is.EqualTo(16 + first.Length));
    }

    [Test]
    public void The_evidence_names_who_has_an_event_who_does_not_read_it_who_skipped_it_and_who_led_without_it()
    {
        using var directory = new TemporaryDirectory();
        ZooKeeperFiles[] files =
        [
            Server(directory, 1, [.. Record(1), .. Record(2), .. Record(3)]),
            Server(directory, 2, [.. Record(1), .. Record(2)[..40], .. Record(2), .. Record(3)]),
            Server(directory, 3, [.. Record(1), .. Record(3)]),
        ];
        FaultAcknowledgement[] acknowledged = [.. Enumerable.Range(1, 3).Select(static i => new FaultAcknowledgement(Event(i), i == 2 ? Term + 2 : 0))];

        var lines = new ZooKeeperEvidence(files, new Dictionary<long, int> { [2] = 2, [4] = 3, [5] = 1 }).Explain(acknowledged).ToList();

        Assert.That(lines, Has.One.StartsWith("server 1 restores 3 of 3 "));
        Assert.That(lines, Has.One.StartsWith("server 2 restores 1 of 3 ").And.One.StartsWith("server 3 restores 2 of 3 "));
        var at = lines.FindIndex(static line => line.Contains("answered as transaction 0x300000002; transaction 0x300000002", StringComparison.Ordinal));
        Assert.That(lines.Skip(at + 1).Take(4), Is.EqualTo(new[]
        {
            "  server 1 restores it from log.300000001",
            $"  server 2 has it in log.300000001 and does not read it: the record at byte {16 + Record(1).Length}, behind 0x300000001, is broken, "
                + "and 2 whole ones come behind it",
            "  server 3 has a hole: its log goes from 0x300000001 to 0x300000003",
            "  led later although it lacks it: server 3 in term 4",
        }));
    }

    [Test]
    public void Events_that_a_majority_logged_and_nobody_restores_are_counted()
    {
        using var directory = new TemporaryDirectory();
        byte[] broken = [.. Record(1), .. Record(2)[..40], .. Record(2)];
        ZooKeeperFiles[] files = [Server(directory, 1, broken), Server(directory, 2, broken), Server(directory, 3, Record(1))];

        var lines = new ZooKeeperEvidence(files, new Dictionary<long, int>())
            .Explain([.. Enumerable.Range(1, 3).Select(static i => new FaultAcknowledgement(Event(i), 0))]);

        Assert.That(lines, Has.One.EqualTo("no server restores 2 acknowledged events, of which 1 are whole in the logs of a majority"));
    }

    [Test]
    public void An_answer_that_belongs_to_another_transaction_is_told()
    {
        using var directory = new TemporaryDirectory();

        var evidence = new ZooKeeperEvidence([Server(directory, 1, Record(1))], new Dictionary<long, int>());
        var lines = evidence.Explain([new FaultAcknowledgement(Event(1), Term + 9)]).ToList();

        Assert.That(lines, Has.One.Contains("was answered as transaction 0x300000009, but is 0x300000001"));
    }

    private static ZooKeeperFiles Server(TemporaryDirectory directory, int number, byte[] records)
    {
        var data = Directory.CreateDirectory(directory.File(number.ToString(System.Globalization.CultureInfo.InvariantCulture))).FullName;
        File.WriteAllBytes(Path.Combine(data, "log.300000001"), [.. Header(), .. records, .. new byte[50]]);
        return ZooKeeperFiles.Read(number, data);
    }

    private static FaultEvent Event(int sequence) => new(7, sequence, $"10.{sequence}");

    private static byte[] Header() => [.. "ZKLG"u8, 0, 0, 0, 2, .. new byte[8]];

    // A transaction as the server writes it: the head's change, and a node with an event.
    private static byte[] Record(int sequence)
    {
        var data = BatchFormat.Encode(7, sequence, [Encoding.UTF8.GetBytes(Event(sequence).Text)], 1);
        var create = new JuteWriter();
        create.Text($"/faults/spark/journals/{FaultStores.Journal}/events/{1:D19}/{new BatchNode(sequence, 1, data.Length, null, 0).Name}");
        create.Bytes(data);
        create.Int(0);
        create.Bool(false);
        create.Int(0);
        var writer = new JuteWriter();
        writer.Long(0x77);
        writer.Int(sequence);
        writer.Long(Term + sequence);
        writer.Long(0);
        writer.Int((int)OpCode.Multi);
        writer.Int(2);
        writer.Int((int)OpCode.SetData);
        writer.Bytes([1, 2, 3]);
        writer.Int((int)OpCode.Create);
        writer.Bytes(create.Written.Span);
        var bytes = writer.Written.ToArray();
        var record = new byte[12 + bytes.Length + 1];
        BinaryPrimitives.WriteInt64BigEndian(record, Adler32(bytes));
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(8), bytes.Length);
        bytes.CopyTo(record, 12);
        record[^1] = (byte)'B';
        return record;
    }

    private static long Adler32(byte[] bytes)
    {
        var (low, high) = (1L, 0L);
        foreach (var b in bytes) (low, high) = ((low + b) % 65521, (high + low + b) % 65521);
        return (high << 16) | low;
    }
}
