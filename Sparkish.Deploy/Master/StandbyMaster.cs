using Sparkish.Deploy.Uploads;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>Answers in place of a master that has not been elected: workers and submission clients look for the leader.</summary>
internal sealed class StandbyMaster : RpcEndpoint
{
    public override void Receive(object message)
    {
        switch (message)
        {
            case IToMaster m when DeployRules.ProblemOf(m) is not null: break; // the leader tells the sender
            case RegisterWorker m: Answer(m.Worker); break;
            case WorkerDecommissioning m: Answer(m.Worker); break;
            case IToMaster: break; // heartbeats of workers and applications, and their first words: they try all masters
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case RequestSubmitDriver: call.Reply(new SubmitDriverResponse(Success: false, null, Text("accept driver submissions"))); break;
            case RequestKillDriver m when DeployRules.ProblemOf(m) is null: call.Reply(new KillDriverResponse(m.Driver, Success: false, Text("kill drivers"))); break;
            case RequestKillAllDrivers: call.Reply(new KillAllDriversResponse(Success: false, Text("kill drivers"))); break;
            case RequestDriverStatus: call.Reply(new DriverStatusResponse(Found: false, null, null, null, Text("request driver status"))); break;
            case RequestReadyz: call.Reply(false); break;
            case RequestMasterState: call.Reply(MasterReport.Of(MasterState.Empty, Self.Address)); break;
            case DecommissionWorkersOnHosts: call.Reply(0); break;
            case RequestNeededPackages: call.SendFailure(new SparkException(Text("tell which packages drivers need"))); break; // asked again and again
            case IToMaster m: call.SendFailure(new SparkException(Text($"handle {m.GetType().Name}"))); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    private static string Text(string what) => NotAlive.Text(MasterStatus.Standby, what);

    private static void Answer(RpcEndpointRef worker)
    {
        if (Sender is not { } peer || peer.Address == worker.Address) worker.Send(new MasterInStandby());
    }
}
