namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Several operations in one request, and its reply.</summary>
internal static class MultiFormat
{
    public static void Write(JuteWriter writer, IReadOnlyList<ZooKeeperOperation> operations, Func<string, string> toServerPath)
    {
        foreach (var operation in operations)
        {
            WriteHeader(writer, operation.Code, done: false);
            operation.Write(writer, toServerPath);
        }

        WriteHeader(writer, OpCode.Error, done: true);
    }

    /// <summary>Returns the results in order; or, if nothing was done, the error and the operation that caused it.</summary>
    public static (IReadOnlyList<OperationResult> Results, ZooKeeperError Error, int FailedAt) Read(
        ref JuteReader reader, int count, Func<string, string> toClientPath)
    {
        var results = new List<OperationResult>(count);
        var (error, failedAt) = (ZooKeeperError.Ok, -1);
        for (var i = 0; ; i++)
        {
            var (code, done) = ReadHeader(ref reader);
            if (done && i == count) return (results, error, failedAt);
            if (done || i == count) throw new ZooKeeperProtocolException($"a reply to {count} operations has another number of results");
            if (code == OpCode.Error)
            {
                var own = (ZooKeeperError)reader.Int();

                // Operations before the failed one report success, those after it inconsistency: none of them was done.
                if (failedAt < 0 && own is not (ZooKeeperError.Ok or ZooKeeperError.RuntimeInconsistency)) (error, failedAt) = (own, i);
                continue;
            }

            results.Add(ReadResult(ref reader, code, toClientPath));
        }
    }

    private static OperationResult ReadResult(ref JuteReader reader, OpCode code, Func<string, string> toClientPath)
    {
        switch (code)
        {
            case OpCode.Create: return new OperationResult(toClientPath(reader.Text()), null);
            case OpCode.SetData: return new OperationResult(null, NodeStat.Read(ref reader));
            case OpCode.Delete or OpCode.Check: return default;
            default: throw new ZooKeeperProtocolException($"{(int)code} is not a kind of result");
        }
    }

    private static void WriteHeader(JuteWriter writer, OpCode code, bool done)
    {
        writer.Int((int)code);
        writer.Bool(done);
        writer.Int(-1);
    }

    private static (OpCode Code, bool Done) ReadHeader(ref JuteReader reader)
    {
        var code = (OpCode)reader.Int();
        var done = reader.Bool();
        _ = reader.Int();
        return (code, done);
    }
}
