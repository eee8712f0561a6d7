using System.Text;
using Sparkish.Rpc;

namespace Sparkish.Simulation;

/// <summary>
/// What an end of a connection does with what arrives. The handshake has the four steps of the network's, so that two nodes that dial each other at once
/// settle on one connection by the same rule.
/// </summary>
internal static class SimulatedHandshake
{
    private const string NobodyListens = "connection refused";

    public static void Take(WireEnd end, Segment segment)
    {
        switch (segment.Kind)
        {
            case SegmentKind.Hello: OnHello(end); break;
            case SegmentKind.Challenge: OnChallenge(end); break;
            case SegmentKind.Commit: OnCommit(end); break;
            case SegmentKind.Welcome: end.Connection!.Open(end, end.Other.Hello!); break;
            case SegmentKind.Duplicate: OnDuplicate(end); break;
            case SegmentKind.Refused: OnRefused(end, Encoding.UTF8.GetString(segment.Bytes)); break;
            case SegmentKind.Data: end.Connection!.OnFrame(segment.Bytes); break;
            case SegmentKind.Fin: OnEnd(end, "the peer closed it"); break;
            default: OnEnd(end, "the peer reset it"); break;
        }
    }

    private static void OnHello(WireEnd end)
    {
        var dialler = end.Other;
        if (end.Node.Listening(dialler.Connection!.Peer.Port) is not { } env)
        {
            Refuse(end, NobodyListens);
            return;
        }

        end.Take(env);
        end.GreetedAt = end.Node.Cluster.Steps;
        if (!string.Equals(env.Secret, dialler.Env!.Secret, StringComparison.Ordinal)) Refuse(end, "the peer does not know this cluster's secret (spark.authenticate)");
        else end.Send(Segment.Of(SegmentKind.Challenge));
    }

    private static void OnChallenge(WireEnd end)
    {
        if (end.Connection!.TryCommit()) end.Send(Segment.Of(SegmentKind.Commit));
        else end.Close();
    }

    private static void OnCommit(WireEnd end)
    {
        if (end.Env!.Peers.IsClosed)
        {
            Refuse(end, "the peer stops");
            return;
        }

        if (end.Env.Peers.Admit(end.Other.Hello!, end.GreetedAt) is not { } connection)
        {
            end.Send(Segment.Of(SegmentKind.Duplicate));
            end.Close();
            return;
        }

        end.Connection = connection;
        end.Send(Segment.Of(SegmentKind.Welcome));
        connection.Open(end, end.Other.Hello!);
    }

    private static void OnDuplicate(WireEnd end)
    {
        end.Finish();
        end.Connection!.AwaitPromise();
    }

    private static void OnRefused(WireEnd end, string reason)
    {
        end.Finish();
        var connection = end.Connection!;
        var isRefused = string.Equals(reason, NobodyListens, StringComparison.Ordinal);
        connection.FailToConnect(end, new RpcConnectionException($"Cannot connect to {connection.Peer}: {reason}.") { IsRefused = isRefused });
    }

    private static void OnEnd(WireEnd end, string reason)
    {
        end.Close();
        end.Connection?.OnEnd(end, reason);
    }

    private static void Refuse(WireEnd end, string reason)
    {
        end.Send(Segment.Refusal(reason));
        end.Close();
    }
}
